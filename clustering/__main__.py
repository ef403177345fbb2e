"""`python -m clustering`."""

from clustering.cli.app import main

if __name__ == "__main__":
    main()
