"""The pages: the shell, the reading pages, and one folder of flow pages an audience."""
