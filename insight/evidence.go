package insight

// Evidence says how much a number may be trusted, by how many values it is made of.
type Evidence string

// From the least evidence to the most.
const (
	// Hidden: fewer than 10, the number is not shown at all.
	Hidden Evidence = "hidden"
	// Few: fewer than 30, it is shown greyed.
	Few Evidence = "few"
	// Indicative: fewer than 100.
	Indicative Evidence = "indicative"
	Enough     Evidence = "enough"
)

// EvidenceOf classes a number that is made of n values.
func EvidenceOf(n int) Evidence {
	switch {
	case n < 10:
		return Hidden
	case n < 30:
		return Few
	case n < 100:
		return Indicative
	}
	return Enough
}
