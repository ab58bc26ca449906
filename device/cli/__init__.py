"""The `byleave` command, and the supervisor that starts the processes of a door and keeps them up.

main       the command and its groups        supervise  starts, watches and restarts the processes
device     `byleave device …`                init       the settings file and folders of a new door
demo       `byleave demo`                    story      the whole story without a person (`--once`)
stage      the demo's page: who stands before the simulated camera
"""

import os

# One thread for numpy's library, as in the rooms; it is set before numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
