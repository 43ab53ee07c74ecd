package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// ModelVersion is one fit of a model: what it found, how good it is, and whether it is
// used.
type ModelVersion struct {
	ID   string
	Kind string
	// FittedAt is the moment until which it knew what customers did.
	FittedAt time.Time
	// Published versions are used, the others were refused.
	Published bool
	Status    survey.ModelStatus
	// Model is what it computes by, Card what there is to say of it: JSON, and nothing of
	// a single customer.
	Model, Card []byte
	// Drift is what had changed since when it was last looked at, JSON, nil where nobody has
	// looked. Stale says that it was too much.
	Drift []byte
	Stale bool
}

// ModelRun is one fit of all models with the scores that followed, and where it stands.
type ModelRun struct {
	ID string
	// At is the moment until which is read what customers did.
	At time.Time
	// Settings are what it was configured for when it began.
	Settings string
	// ObjectType is of whom forecasts are being kept, and Cursor the last of them, "" at
	// the beginning.
	ObjectType, Cursor string
	// Scored are the customers of whom there is a forecast, Written those of them that went to a CRM.
	Scored, Written int
	EndedAt         time.Time
}

// CustomerForecast is the forecast of a contact or account by its reference. One without a
// status is of nobody who is a customer.
type CustomerForecast struct {
	Record string
	// Account is the reference of a contact's account, or "".
	Account string
	survey.Forecast
}

// ForecastPage is the next forecasts of a run, in order of their records.
type ForecastPage struct {
	Run        string
	ObjectType string
	// After is the run's cursor when the page was read, Next what it becomes.
	After, Next string
	Forecasts   []CustomerForecast
}

// AccountForecasts are the latest forecasts of an account's contacts.
type AccountForecasts struct {
	Account   string
	Forecasts []survey.Forecast
}

// Models keeps what was fitted, and what it forecasts.
type Models interface {
	// BeginModelRun keeps a run. The first one of an id is kept and returned.
	BeginModelRun(ctx context.Context, run ModelRun) (ModelRun, error)
	// ModelRun returns a run, and ModelRuns the latest ones, latest first.
	ModelRun(ctx context.Context, id string) (ModelRun, error)
	ModelRuns(ctx context.Context, limit int) ([]ModelRun, error)
	// EndModelRun notes the end of a run, and returns the CRMs to which something is to
	// be written.
	EndModelRun(ctx context.Context, id string, at time.Time) (crms []string, err error)
	// SaveModelVersion keeps a version. The first one of an id is kept and returned.
	SaveModelVersion(ctx context.Context, v ModelVersion) (ModelVersion, error)
	// ModelVersion returns a version, and ModelVersions the latest ones without their
	// models, latest first.
	ModelVersion(ctx context.Context, id string) (ModelVersion, error)
	ModelVersions(ctx context.Context, limit int) ([]ModelVersion, error)
	// PublishedModel returns the latest version of a kind that was published.
	PublishedModel(ctx context.Context, kind string) (ModelVersion, error)
	// NoteModelDrift keeps what has changed since a version was fitted, and whether that makes
	// it stale.
	NoteModelDrift(ctx context.Context, id string, drift []byte, stale bool) error
	// PurgeModels forgets some of the versions that were fitted before a moment, of runs and of
	// trainings on comments from before it: not those in use, nor how the latest training
	// went. Of versions that were published only what they compute by is forgotten. It returns
	// how many, 0 where none is left.
	PurgeModels(ctx context.Context, before time.Time) (int, error)
	// SaveForecasts keeps a page of forecasts and sets the signals of those that moved
	// from what was written, in one transaction. A page that is not the run's next
	// changes nothing. It returns where the run stands.
	SaveForecasts(ctx context.Context, page ForecastPage) (ModelRun, error)
	// Forecasts returns the latest forecasts of records of a type, by record, of those that
	// have one.
	Forecasts(ctx context.Context, objectType string, records []string) (map[string]survey.Forecast, error)
	// AccountForecasts returns up to limit accounts after one with their contacts'
	// forecasts, in order of reference.
	AccountForecasts(ctx context.Context, after string, limit int) ([]AccountForecasts, error)
	// TakeBackForecasts forgets up to limit forecasts of a type, and sets the signals of what
	// was written of them: their status is ModelSuppressed, and all else empty. It returns
	// how many there were, and the CRMs that are to be told.
	TakeBackForecasts(ctx context.Context, objectType string, now time.Time, limit int) (taken int, crms []string, err error)
}
