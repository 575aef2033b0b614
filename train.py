"""Train or evaluate a model from a checkout: ``python train.py [--evaluate] ...``; the same as ``retold train``."""

import sys

from retold.cli.main import main

if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--evaluate"]
    sys.exit(main(["evaluate" if "--evaluate" in sys.argv else "train", *arguments]))
