package card

// Lasting is how long contracts last, whatever came of the model.
type Lasting struct {
	// Terms is by Kaplan and Meier: the share that lasts longer than 1, 2, … terms, with
	// Greenwood's intervals, as long as one ended.
	Terms []Interval `json:"terms"`
	// Cohorts are those that began in the same year, in order.
	Cohorts []Cohort `json:"cohorts,omitempty"`
	// Alike is the P of the log-rank test: how likely cohorts that last equally long are to differ
	// as much. Nil where there is nothing to compare.
	Alike *float64 `json:"alike,omitempty"`
}

// Cohort is one of those that are compared.
type Cohort struct {
	Name string `json:"name"`
	// Contracts came to an end of a term, and Left of them ended.
	Contracts int `json:"contracts"`
	Left      int `json:"left"`
	// First and Second are the shares that are renewed at the first and the second renewal, by
	// sBG.
	First  float64 `json:"first"`
	Second float64 `json:"second"`
}
