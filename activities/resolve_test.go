package activities

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// readCRM is one that is only read.
type readCRM struct {
	crm.CRM
	resolve func(context.Context) error
}

func (c readCRM) Resolve(ctx context.Context, _ []survey.Object) (crm.Resolution, error) {
	return crm.Resolution{}, c.resolve(ctx)
}

// A CRM that refuses to be read holds a batch up until an operator has seen to it:
// nobody is asked, and nobody is passed over.
func TestCRMThatRefusesToBeReadWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := w.arrive(w.about(survey.ObjectDeal, "1"))
	refusal := &integrations.Error{Vendor: crmID, Kind: integrations.Permanent, Code: "400", Err: errors.New("bad request")}
	resolve := &Contacts{Store: w.store, CRMs: map[string]crm.CRM{crmID: readCRM{resolve: func(context.Context) error { return refusal }}}}
	_, err := run[[]ResolvedItem](w, resolve.ResolveContacts, ResolveInput{Batch: batch.Batch, CRM: crmID})
	failed := fails(t, FailureRetryAfter, err)
	require.False(t, failed.NonRetryable())
	require.Equal(t, operatorWait, failed.NextRetryDelay())
	require.ErrorContains(t, failed, "nothing goes on without it")
}

// noItems is a store of an empty batch.
type noItems struct{ store.Store }

func (noItems) BatchItems(context.Context, string) ([]store.StoredItem, error) { return nil, nil }
func (noItems) SaveContacts(context.Context, []survey.Contact, []survey.Account) error {
	return nil
}

// Reading that takes long says so, or it is taken to be lost.
func TestReadingSaysThatItLives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		beats := make(chan struct{}, 100)
		resolve := &Contacts{Store: noItems{}, CRMs: map[string]crm.CRM{crmID: readCRM{resolve: func(context.Context) error {
			<-beats
			<-beats
			return nil
		}}}}
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(silent)
		env := suite.NewTestActivityEnvironment()
		env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { beats <- struct{}{} })
		env.RegisterActivity(resolve.ResolveContacts)
		began := time.Now()
		_, err := env.ExecuteActivity(resolve.ResolveContacts, ResolveInput{CRM: crmID})
		require.NoError(t, err)
		require.Less(t, time.Since(began), time.Minute, "the SDK passes on some of them")
		synctest.Wait()
		require.Empty(t, beats, "it says no more when it is done")
	})
}
