"""`python -m nudger` is `nudger`."""

from nudger.cli.main import main

if __name__ == "__main__":
    main(prog_name="nudger")
