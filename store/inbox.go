package store

import (
	"context"
	"time"
)

// Topic says what an inbox item is about and so which workflow it goes to.
type Topic string

// The topics of the inbox.
const (
	TopicEvent  Topic = "event"  // lane: program id; to InviteWorkflow
	TopicAnswer Topic = "answer" // lane: program id; to ResponseWorkflow; key: response id; payload: AnswerItem
	TopicClick  Topic = "click"  // lane: case id; to CaseWorkflow
	TopicLead   Topic = "lead"   // lane: CRM of the promoter; key: lead id; to LeadWorkflow
	TopicWon    Topic = "won"    // lane: CRM; a deal was won; to WonWorkflow
	// TopicBehaviour: lane: CRM; something tells what customers bought, subscribed to or
	// wanted help with; to BehaviourWorkflow.
	TopicBehaviour Topic = "behaviour"
	// TopicCampaign: lane: campaign id; key: contact's reference; to InviteWorkflow.
	TopicCampaign Topic = "campaign"
	// TopicThanks and TopicRecheck: lane: program id; key: case id. The customers of a
	// case that was resolved are thanked by ThanksWorkflow, and asked again by
	// InviteWorkflow.
	TopicThanks  Topic = "thanks"
	TopicRecheck Topic = "recheck"
)

// RoundSource is the source of the items of TopicThanks and TopicRecheck, for fmt: with
// the round of the case that was resolved.
const RoundSource = "round %d"

// AnswerItem is the payload of an answer's item.
type AnswerItem struct {
	// Version of the program that the response is to.
	Version string `json:"version"`
}

// Item is something that came in and is not yet dealt with.
type Item struct {
	Topic Topic
	// Lane is what may share a batch.
	Lane string
	// Source and Key name the item within topic and lane once and for all.
	Source string
	Key    string
	// Payload is the item's JSON.
	Payload []byte
	// DueAt is when the item may be handed on.
	DueAt time.Time
}

// Batch is items that are handed to one workflow together.
type Batch struct {
	ID    string
	Topic Topic
	Lane  string
	Items int
}

// MaxBatch is the most items of a batch.
const MaxBatch = 500

// MaxBatchOf is the most items of a batch of a topic.
func MaxBatchOf(topic Topic) int {
	if topic == TopicCampaign {
		return MaxCampaignBatch
	}
	return MaxBatch
}

// Inbox is the durable list of what came in. An item belongs to no batch, then to
// one, and is then done; it is kept, without its payload, to know a duplicate.
type Inbox interface {
	// AddItems inserts what is new (by topic, lane, source and key) in one
	// transaction and returns how many that were. When it returns, they are durable.
	AddItems(ctx context.Context, items []Item) (added int, err error)
	// EventReference is what the inbox and the log know an event by, which its source calls
	// id: a keyed hash, since an id may hold a name.
	EventReference(ctx context.Context, id string) (string, error)
	// ClaimBatches takes what is due at now, at most MaxBatchOf items a batch and one
	// batch a lane, for the lanes of a topic that are not in skip. Of campaigns that are
	// being read or paused, or have CampaignBatchesAtOnce under way, nothing new is taken. Batches claimed
	// earlier than lease ago (real time) and never handed over are returned again
	// with the same id, so that whoever hands them over can tell the repetition.
	// Concurrent callers get different batches (SKIP LOCKED).
	ClaimBatches(ctx context.Context, topic Topic, now time.Time, lease time.Duration, skip []string) ([]Batch, error)
	// HandedOver notes that Temporal has the batches.
	HandedOver(ctx context.Context, batches []string) error
	// BatchItems returns the items of a batch that are not done, in order of arrival
	// (those added together in any order), with their row ids.
	BatchItems(ctx context.Context, batch string) ([]StoredItem, error)
	// Reclaim makes the batches that were handed over and are not dealt with be
	// returned by ClaimBatches again after the lease, and returns how many: their
	// workflow may have been lost. For a workflow that runs it changes nothing.
	Reclaim(ctx context.Context) (int, error)
	// Stalled finds what has waited since a moment for a workflow that should have
	// dealt with it.
	Stalled(ctx context.Context, since time.Time) (Stalled, error)
	// PurgeInbox deletes some of the items done before a moment, PurgeBatchResults some of
	// what steps of batches came to before it. They return how many, 0 where none is left.
	PurgeInbox(ctx context.Context, before time.Time) (int, error)
	PurgeBatchResults(ctx context.Context, before time.Time) (int, error)
	// Backlog returns how many items wait, by topic.
	Backlog(ctx context.Context) (map[Topic]int, error)
}

// Stalled is what waits although its time has come.
type Stalled struct {
	// Invitations are batches with admitted invitations whose mail is due.
	Invitations []InvitationBatch
	// Cases are not shown as they are, in Slack or in the CRM, or should have been closed
	// by policy.
	Cases []string
	// AskBatches have referral asks whose mail is due.
	AskBatches []string
	// LeadBatches have leads that the CRM has to take, or promoters to thank.
	LeadBatches []LeadBatch
	// CRMs have signals that are not pushed.
	CRMs []string
	// Campaigns have not ended, whether or not they should have.
	Campaigns []string
}

// InvitationBatch names a batch of a program's invitations.
type InvitationBatch struct {
	Program, Version, Batch string
}

// StoredItem is an item with its row id.
type StoredItem struct {
	ID int64
	Item
}
