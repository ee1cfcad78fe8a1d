"""What tells Spark which packages to bring, as it stands in an image."""

from __future__ import annotations

from reconciler.model.definition import Spark

VARIABLE = "SPARK_CONF_DIR"
FOLDER = "/opt/envform/spark/conf"
FILE = "spark-defaults.conf"


def spark_settings(spark: Spark) -> str:
    """The text, which Spark reads as Java reads its properties."""
    said = {"spark.jars.packages": spark.packages, "spark.jars.repositories": spark.repositories}
    return "".join(f"{name} {_escaped(','.join(values))}\n" for name, values in said.items() if values)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
