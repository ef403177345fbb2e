"""`python -m clustering`."""

from clustering.cli import main

if __name__ == "__main__":
    main()
