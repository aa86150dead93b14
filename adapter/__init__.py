"""Everything that ties the node together and faces the outside."""
