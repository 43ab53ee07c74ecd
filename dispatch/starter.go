package dispatch

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// Starter begins workflows and wakes those that run. Each call may be repeated: a
// workflow's id comes from what it is about, and an id is used once.
type Starter struct {
	client   client.Client
	versions map[string]string // of the configured programs
}

var errNotConfigured = errors.New("the program is not configured any more")

var _ activities.Starter = (*Starter)(nil)

// NewStarter makes a starter for the configured programs.
func NewStarter(c client.Client, programs []survey.Program) *Starter {
	versions := make(map[string]string, len(programs))
	for _, program := range programs {
		versions[program.ID] = program.Version()
	}
	return &Starter{client: c, versions: versions}
}

// Case starts or wakes the workflow of a case. For a case that has ended it runs
// once more and ends: whoever clicked is told.
func (s *Starter) Case(ctx context.Context, caseID string) error {
	return s.wake(ctx, workflows.CaseID(caseID), workflows.CaseChangedSignal, workflows.PriorityCase,
		workflows.CaseWorkflow, activities.CaseRef{Case: caseID})
}

// Storm starts or wakes the workflow of a storm of cases.
func (s *Starter) Storm(ctx context.Context, storm string) error {
	return s.wake(ctx, workflows.StormID(storm), workflows.StormChangedSignal, workflows.PriorityCase,
		workflows.StormWorkflow, activities.StormRef{Storm: storm})
}

// Sync starts or wakes the workflow that writes to a CRM.
func (s *Starter) Sync(ctx context.Context, crm string) error {
	return s.wake(ctx, workflows.SyncID(crm), workflows.SignalsChangedSignal, workflows.PriorityInvite,
		workflows.SyncWorkflow, activities.CRMRef{CRM: crm})
}

// Ask starts the workflow of the referral asks of a batch of answers.
func (s *Starter) Ask(ctx context.Context, batch string) error {
	return s.once(ctx, client.StartWorkflowOptions{ID: workflows.AskID(batch), Priority: workflows.PriorityInvite},
		workflows.AskWorkflow, activities.AnswersRef{Batch: batch})
}

// Leads starts the workflow of a batch of friends who left their details.
func (s *Starter) Leads(ctx context.Context, batch activities.LeadsRef) error {
	return s.once(ctx, client.StartWorkflowOptions{ID: workflows.LeadID(batch.Batch), Priority: workflows.PriorityInvite},
		workflows.LeadWorkflow, batch)
}

// won starts the workflow of a batch of won deals.
func (s *Starter) won(ctx context.Context, batch store.Batch) error {
	return s.once(ctx, client.StartWorkflowOptions{ID: workflows.WonID(batch.ID), Priority: workflows.PriorityInvite},
		workflows.WonWorkflow, activities.LeadsRef{CRM: batch.Lane, Batch: batch.ID})
}

// behaviour starts the workflow of a batch of events that tell of it.
func (s *Starter) behaviour(ctx context.Context, batch store.Batch) error {
	return s.once(ctx, client.StartWorkflowOptions{ID: workflows.BehaviourID(batch.ID), Priority: workflows.PriorityCampaign},
		workflows.BehaviourWorkflow, activities.BehaviourRef{CRM: batch.Lane, Batch: batch.ID})
}

func (s *Starter) events(ctx context.Context, batch store.Batch) error {
	version, ok := s.versions[batch.Lane]
	if !ok {
		return fmt.Errorf("%d events for %q: %w", batch.Items, batch.Lane, errNotConfigured)
	}
	return s.Invite(ctx, activities.BatchRef{Program: batch.Lane, Version: version, Batch: batch.ID})
}

// campaign starts the workflow of a batch of a campaign, which keeps the version of the
// program that it began with.
func (s *Starter) campaign(ctx context.Context, batch store.Batch) error {
	program, version, _, ok := survey.ParseCampaignID(batch.Lane)
	if !ok {
		return fmt.Errorf("batch %s: %q is no campaign", batch.ID, batch.Lane)
	}
	return s.invite(ctx, activities.BatchRef{Program: program, Version: version, Batch: batch.ID}, workflows.PriorityCampaign)
}

// Campaign starts the workflow of a campaign that was begun before.
func (s *Starter) Campaign(ctx context.Context, id string) error {
	program, _, run, ok := survey.ParseCampaignID(id)
	if !ok {
		return fmt.Errorf("%q is no campaign", id)
	}
	options := client.StartWorkflowOptions{
		ID: workflows.CampaignWorkflowID(program, run), Priority: workflows.PriorityCampaign,
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.ProgramAttribute.ValueSet(program)),
	}
	return s.once(ctx, options, workflows.CampaignWorkflow, activities.CampaignInput{Program: program, Campaign: id})
}

// Invite starts the workflow of a batch of invitations.
func (s *Starter) Invite(ctx context.Context, batch activities.BatchRef) error {
	return s.invite(ctx, batch, workflows.PriorityInvite)
}

func (s *Starter) invite(ctx context.Context, batch activities.BatchRef, priority temporal.Priority) error {
	options := client.StartWorkflowOptions{
		ID: workflows.InviteID(batch.Program, batch.Batch), Priority: priority,
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.ProgramAttribute.ValueSet(batch.Program)),
	}
	return s.once(ctx, options, workflows.InviteWorkflow, batch)
}

func (s *Starter) answers(ctx context.Context, batch store.Batch) error {
	options := client.StartWorkflowOptions{
		ID: workflows.ResponseID(batch.ID), Priority: workflows.PriorityAnswer,
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.ProgramAttribute.ValueSet(batch.Lane)),
	}
	return s.once(ctx, options, workflows.ResponseWorkflow, activities.AnswersRef{Batch: batch.ID})
}

func (s *Starter) thanks(ctx context.Context, batch store.Batch) error {
	options := client.StartWorkflowOptions{
		ID: workflows.ThanksID(batch.ID), Priority: workflows.PriorityInvite,
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.ProgramAttribute.ValueSet(batch.Lane)),
	}
	return s.once(ctx, options, workflows.ThanksWorkflow, activities.ThanksRef{Batch: batch.ID})
}

// once starts a workflow whose id is used once, or again where it failed or was
// terminated: each of its steps knows what was done before. That it runs or has
// ended well is success.
func (s *Starter) once(ctx context.Context, options client.StartWorkflowOptions, workflow any, in any) error {
	options.TaskQueue = workflows.QueueMain
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	_, err := s.client.ExecuteWorkflow(ctx, options, workflow, in)
	if _, started := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); started {
		return nil
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", options.ID, err)
	}
	return nil
}

func (s *Starter) wake(ctx context.Context, id, signal string, priority temporal.Priority, workflow any, in any) error {
	options := client.StartWorkflowOptions{TaskQueue: workflows.QueueMain, Priority: priority}
	if _, err := s.client.SignalWithStartWorkflow(ctx, id, signal, nil, options, workflow, in); err != nil {
		return fmt.Errorf("wake %s: %w", id, err)
	}
	return nil
}
