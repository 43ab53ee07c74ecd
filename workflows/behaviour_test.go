package workflows_test

import (
	"testing"
	"time"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/workflows"
)

func TestBehaviourWaitsForTheCRM(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var behaviour *activities.Behaviour
	on(s, behaviour.TakeBehaviour, fails[store.BehaviourSaved](rateLimited(time.Minute)), gives(store.BehaviourSaved{New: 1}))
	s.reads(workflows.BehaviourWorkflow, activities.BehaviourRef{CRM: "hubspot", Batch: "b"},
		"0s TakeBehaviour @cxloop-crm-hubspot {hubspot b}", "1m0s TakeBehaviour @cxloop-crm-hubspot {hubspot b}")
	s.ends(time.Minute)
}

func TestReadBehaviour(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var behaviour *activities.Behaviour
	on(s, behaviour.ReadBehaviour, fails[int](rateLimited(time.Minute)), gives(200))
	s.reads(workflows.ReadBehaviourWorkflow, activities.CRMRef{CRM: "hubspot"},
		"0s ReadBehaviour @cxloop-crm-hubspot hubspot", "1m0s ReadBehaviour @cxloop-crm-hubspot hubspot")
	s.ends(time.Minute)
}
