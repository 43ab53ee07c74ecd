package survey

// Journey is the way of a customer, from the first look to the last renewal, in stages.
type Journey struct {
	Stages []Stage `json:"stages" yaml:"stages"`
}

// Stage is a part of the journey with the touchpoints in it, in order.
type Stage struct {
	ID          string       `json:"id" yaml:"id"`
	Name        string       `json:"name" yaml:"name"`
	Touchpoints []Touchpoint `json:"touchpoints" yaml:"touchpoints"`
}

// Touchpoint is where customer and company meet, and programs may listen.
type Touchpoint struct {
	ID   string `json:"id" yaml:"id"`
	Name string `json:"name" yaml:"name"`
}
