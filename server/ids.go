package server

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/google/uuid"
)

// randomIDs draws ids at random.
type randomIDs struct{}

func (randomIDs) GUID() string { return uuid.NewString() }

func (randomIDs) OrderID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}
