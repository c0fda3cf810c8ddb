"""The environment of the tests, set before Django reads its settings (pytest loads this as its first plugin)."""

import os

os.environ.update(
    SECRET_KEY="only-for-tests",
    # TEST_DATABASE_URL=postgres://… runs them on PostgreSQL.
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite://:memory:"),
    QUEUE_URL="sqlite:///:memory:",
    DEBUG="false",
    HTTPS="false",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    API_RATE_ANONYMOUS="100000/min",
    API_RATE_USER="100000/min",
    LOGIN_LIMITS="false",
    LOG_LEVEL="WARNING",
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    # As in the training child: the same bits whichever test loads TensorFlow first.
    TF_ENABLE_ONEDNN_OPTS="0",
    TF_CPP_MIN_LOG_LEVEL="3",
    TF_NUM_INTRAOP_THREADS="1",
    TF_NUM_INTEROP_THREADS="1",
    OMP_NUM_THREADS="1",
    CUDA_VISIBLE_DEVICES="-1",
)
