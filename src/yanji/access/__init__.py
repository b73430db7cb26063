"""Who may do what, where: people, roles, grants and the one gate per object."""
