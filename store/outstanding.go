package store

import "time"

// Outstanding is what an operator watches: what waits, and what has to be decided.
type Outstanding struct {
	// Inbox has the topics in which something is not dealt with.
	Inbox map[Topic]Queue
	// UnknownEffects counts the effects that are EffectUnknown, by vendor.
	UnknownEffects map[string]int
	// Paused are the programs that stopped themselves or that an operator paused.
	Paused []string
}

// Queue is what of a topic is not dealt with.
type Queue struct {
	Items int
	// OldestDue is when the first of them is or was due.
	OldestDue time.Time
}
