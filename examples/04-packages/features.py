"""A script that needs what the environment has: `envform run features -mount=.:/work -- python /work/features.py`."""

import os

import numpy
from dateutil.relativedelta import relativedelta

days = numpy.arange(6).reshape(2, 3)
threads = os.environ["OMP_NUM_THREADS"]
print("numpy", numpy.__version__, "sums up to", days.sum())
print("a leap day is", relativedelta(days=int(days[1, 2])).days, "days away, on", threads, "thread")
