package effect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Range is a quantity that is not known exactly: it lies between Low and High, and is most
// likely Likely. Low ≤ Likely ≤ High.
type Range struct {
	Low    float64 `json:"low"`
	Likely float64 `json:"likely"`
	High   float64 `json:"high"`
}

// Exactly is what is known.
func Exactly(v float64) Range { return Range{v, v, v} }

// mostOf is the largest number in a range: what is made of a few of them stays a number.
const mostOf = 1e12

// ParseRange reads 20, 10..45 (as likely as its middle) or 10..20..45: numbers from 0 on,
// in order.
func ParseRange(text string) (Range, error) {
	parts := strings.Split(text, "..")
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(n) || n < 0 || n > mostOf || len(parts) > 3 {
			return Range{}, fmt.Errorf("%q: want a number from 0 on, or a range such as 10..45 or 10..20..45 with the likeliest in the middle", text)
		}
		if i > 0 && n < numbers[i-1] {
			return Range{}, fmt.Errorf("%q: %s comes after a greater number", text, strings.TrimSpace(part))
		}
		numbers[i] = n
	}
	switch len(numbers) {
	case 1:
		return Exactly(numbers[0]), nil
	case 2:
		return Range{numbers[0], (numbers[0] + numbers[1]) / 2, numbers[1]}, nil
	}
	return Range{numbers[0], numbers[1], numbers[2]}, nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Range) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRange(string(text))
	return err
}

// String is as ParseRange reads it.
func (r Range) String() string {
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	switch {
	case r.Low == r.High:
		return text(r.Low)
	case r.Likely == (r.Low+r.High)/2:
		return text(r.Low) + ".." + text(r.High)
	}
	return text(r.Low) + ".." + text(r.Likely) + ".." + text(r.High)
}

// draw is a value of the triangular distribution over the range.
func (r Range) draw(random *rand.Rand) float64 {
	if r.Low == r.High {
		return r.Low
	}
	u, width := random.Float64(), r.High-r.Low
	if rising := r.Likely - r.Low; u*width < rising {
		return r.Low + math.Sqrt(u*width*rising)
	}
	return r.High - math.Sqrt((1-u)*width*(r.High-r.Likely))
}
