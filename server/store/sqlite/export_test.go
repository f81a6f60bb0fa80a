package sqlite

// Unavailable is for the tests from outside.
var Unavailable = unavailable
