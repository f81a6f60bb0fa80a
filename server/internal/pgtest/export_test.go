package pgtest

// Folder is for the tests from outside.
func (c *Cluster) Folder() string { return c.dir }
