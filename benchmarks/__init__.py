"""Scripts that print a measured figure and its ratio to a named peer or limit, all in one run."""
