"""What tells Spark which packages to bring: its settings, in a folder of their own that a variable names."""

from __future__ import annotations

from reconciler.builders.layers.builder import small_layer
from reconciler.builders.layers.installation import Installed
from reconciler.model.spark_settings import FILE, FOLDER, VARIABLE, spark_settings
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layers
from reconciler.oci.image import Image

RECIPE_VERSION = "spark-1"


def with_spark(recipe: Recipe, image: Image) -> Image:
    """The image with the settings that its definition asks for, and as it is where it asks for none."""
    spark = recipe.definition.spark
    if spark is None:
        return image
    origin = {
        "org.opencontainers.image.base.name": recipe.definition.image,
        "org.opencontainers.image.base.digest": recipe.lock.base or "",
    }
    labels = {"dev.envform.lock": recipe.lock.digest, "dev.envform.spark": RECIPE_VERSION}
    entry = Installed(f"{FOLDER[1:]}/{FILE}", 0o644, spark_settings(spark).encode())
    return append_layers(
        image,
        [small_layer([entry], "envform: settings of Spark")],
        labels={**labels, **origin},
        variables={VARIABLE: FOLDER},
        annotations=origin,
    )
