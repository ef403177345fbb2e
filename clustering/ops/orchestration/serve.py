"""Runs Dagster's guarded web server and its daemon together, in Dagster's own environment.

    python -m clustering.ops.orchestration.serve --host HOST --port PORT

Ctrl-C ends both; where one ends by itself, the other is ended, too.
"""

import signal
import subprocess
import sys
import time

MODULE = "clustering.ops.orchestration.definitions"


def main(words: list[str]) -> int:
    """Run both until one ends; give the exit code of the one that did."""
    common = ["--module-name", MODULE]
    commands = (
        [sys.executable, "-m", "clustering.ops.orchestration.guard", *common, *words],
        [sys.executable, "-m", "dagster._daemon", "run", *common],
    )
    processes = [subprocess.Popen(command) for command in commands]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
        return next(code for process in processes if (code := process.poll()) is not None)
    except KeyboardInterrupt:
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
