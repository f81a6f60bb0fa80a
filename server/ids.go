package server

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// randomIDs draws ids at random. GUIDs begin with the time (version 7), so that a database puts those of one time beside each
// other: at random places each new one would write a page of the index of its own.
type randomIDs struct{}

func (randomIDs) GUID() string { return uuid.Must(uuid.NewV7()).String() }

func (randomIDs) OrderID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// SequentialIDs draws 1, 2, 3 and so on, so that a run can be repeated. They begin anew with each call, so the store must be
// empty.
func SequentialIDs() commerce.IDs { return new(sequentialIDs) }

type sequentialIDs struct{ last atomic.Int64 }

const sequentialGUID = "00000000-0000-4000-8000-"

func (s *sequentialIDs) GUID() string {
	return fmt.Sprintf("%s%012d", sequentialGUID, s.last.Add(1))
}

func (s *sequentialIDs) OrderID() string { return fmt.Sprintf("%012x", s.last.Add(1)) }

// EndTells tells whether GUIDs like this one are told apart by their end: those that begin with the time, and those that
// SequentialIDs draws. All others are by their beginning.
func EndTells(guid string) bool {
	const version = 14 // its place
	return IsSequential(guid) || len(guid) == len(sequentialGUID)+12 && guid[version] == '7'
}

// IsSequential tells whether an id of a cart or an order is of those that SequentialIDs draws.
func IsSequential(id string) bool {
	return strings.HasPrefix(id, sequentialGUID) || len(id) == len("000000000001") && strings.HasPrefix(id, "000000")
}
