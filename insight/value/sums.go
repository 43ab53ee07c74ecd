package value

import (
	"math"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/mathext"
)

// chunk is of how many rows one thread makes a sum: it depends on nothing else, so that the
// sum is the same on any machine.
const chunk = 1 << 13

// sum adds up the log-likelihood of all rows and its derivatives by r, α, a and b.
func (d *data) sum(p Params, into *slopes) {
	if len(d.rows) <= chunk {
		p.sum(d.rows, into)
		return
	}
	parts := make([]slopes, (len(d.rows)+chunk-1)/chunk)
	inParallel(len(parts), func(i int) {
		parts[i] = newSlopes(dims)
		p.sum(d.rows[i*chunk:min(len(d.rows), (i+1)*chunk)], &parts[i])
	})
	for _, part := range parts {
		into.value += part.value
		for i, v := range part.gradient {
			into.gradient[i] += v
		}
		for i, v := range part.hessian {
			into.hessian[i] += v
		}
	}
}

// inParallel calls do with all numbers below n, on as many threads as there are.
func inParallel(n int, do func(int)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var working sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		working.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	working.Wait()
}

// sum is that of sorted rows.
func (p Params) sum(rows []row, into *slopes) {
	for len(rows) > 0 {
		alike := sameX(rows)
		p.sumOf(rows[0].x, alike, into)
		rows = rows[len(alike):]
	}
}

// sameX are the first of sorted rows that have one number of purchases.
func sameX(rows []row) []row {
	n := 1
	for n < len(rows) && rows[n].x == rows[0].x {
		n++
	}
	return rows[:n]
}

// sumOf is that of rows of one number of purchases. Each has the likelihood
// C(x)·(eᵘ + eᵛ) of staying and of leaving, and only these two depend on times.
func (p Params) sumOf(x float64, rows []row, into *slopes) {
	stayed := p.B + x // what staying rather than leaving is in proportion to
	if p.Model == BG {
		stayed--
	}
	var of moments
	if p.Model == BG && x == 0 {
		of.addStays(p, rows)
		of.log = -p.R * of.logAge
	} else {
		of.add(p, x, math.Log(stayed/p.A), rows)
	}
	c := p.ofX(x)
	into.value += of.log + of.weight*c.value
	if p.Model == MBG {
		into.value += of.weight * math.Log(stayed)
	}
	rate, a := p.R+x, p.A
	g, h := into.gradient, into.hessian
	g[0] += of.weight*c.r - of.logAge - of.logTo
	g[1] += of.weight*p.R/p.Alpha - rate*(of.perAge+of.perTo)
	g[2] += of.weight*c.a + of.leave/a
	h[0] += of.weight*c.rr + of.both[0]
	mixed := of.weight/p.Alpha - of.perAge - of.perTo + rate*of.both[1]
	h[1], h[4] = h[1]+mixed, h[4]+mixed
	h[5] += -of.weight*p.R/(p.Alpha*p.Alpha) + rate*of.squares + rate*rate*of.both[2]
	h[10] += of.weight*c.aa + (of.spread-of.leave)/(a*a)
	byR, byAlpha := of.cross[0], rate*of.cross[1]
	h[2], h[8] = h[2]-byR/a, h[8]-byR/a
	h[6], h[9] = h[6]-byAlpha/a, h[9]-byAlpha/a
	h[11], h[14] = h[11]+of.weight*c.aa, h[14]+of.weight*c.aa
	g[3] += of.weight * c.b
	h[15] += of.weight * c.bb
	if p.Model == BG && x == 0 {
		return
	}
	h[3], h[12] = h[3]+byR/stayed, h[12]+byR/stayed
	h[7], h[13] = h[7]+byAlpha/stayed, h[13]+byAlpha/stayed
	h[11], h[14] = h[11]-of.spread/(a*stayed), h[14]-of.spread/(a*stayed)
	// MBG/NBD: staying has the factor b+x; BG/NBD: leaving has 1/(b+x−1).
	share, sign := of.weight-of.leave, 1.0
	if p.Model == BG {
		share, sign = of.leave, -1
	}
	g[3] += sign * share / stayed
	h[15] += (of.spread - sign*share) / (stayed * stayed)
}

// moments are sums over rows of one number of purchases, by weight. s and c are the shares
// of staying and leaving in a likelihood, L the logarithm of α+age, ℓ how much less that of
// α+recency is, and D and δ the same of the inverse.
type moments struct {
	weight, log            float64 // w, w·log(eᵘ+eᵛ)
	leave, spread          float64 // w·c, w·s·c
	logAge, logTo          float64 // w·L, w·c·ℓ
	perAge, perTo, squares float64 // w·D, w·c·δ, and of squares of inverses
	cross                  [2]float64
	both                   [3]float64 // w·s·c of ℓ², ℓ·δ, δ²
}

// add takes in rows. odds is the logarithm of (b+x)/a, or of (b+x−1)/a.
func (m *moments) add(p Params, x, odds float64, rows []row) {
	rate := p.R + x
	age := math.NaN()
	var logAge, perAge float64
	for i := range rows {
		r := &rows[i]
		if r.age != age {
			age = r.age
			logAge, perAge = math.Log(p.Alpha+age), 1/(p.Alpha+age)
		}
		per := 1 / (p.Alpha + r.recency)
		l, delta, w := math.Log(p.Alpha+r.recency)-logAge, per-perAge, r.weight
		// The greater of the two is taken out of the sum.
		off := rate*l + odds
		less := math.Exp(-math.Abs(off))
		s := 1 / (1 + less)
		c := less * s
		log := math.Log1p(less) - rate*logAge
		if off < 0 {
			s, c = c, s
			log -= off
		}
		m.weight += w
		m.log += w * log
		m.logAge += w * logAge
		m.perAge += w * perAge
		wc := w * c
		m.leave += wc
		m.logTo += wc * l
		m.perTo += wc * delta
		m.squares += w*perAge*perAge + wc*delta*(per+perAge)
		wc *= s
		m.spread += wc
		m.cross[0] += wc * l
		m.cross[1] += wc * delta
		m.both[0] += wc * l * l
		m.both[1] += wc * l * delta
		m.both[2] += wc * delta * delta
	}
}

// addStays takes in rows of which nobody can have left.
func (m *moments) addStays(p Params, rows []row) {
	for _, r := range rows {
		log, per := math.Log(p.Alpha+r.age), 1/(p.Alpha+r.age)
		m.weight += r.weight
		m.logAge += r.weight * log
		m.perAge += r.weight * per
		m.squares += r.weight * per * per
	}
}

// ofX is what depends on the number of purchases alone, with its derivatives.
type ofX struct {
	value, r, a, b, rr, aa, bb float64
}

func (p Params) ofX(x float64) ofX {
	all, left := p.A+p.B, p.A+p.B+x
	if p.Model == MBG {
		left++
	}
	psi := mathext.Digamma
	both, second := psi(all)-psi(left), trigamma(all)-trigamma(left)
	return ofX{
		value: lgamma(p.R+x) - lgamma(p.R) + p.R*math.Log(p.Alpha) + lgamma(all) - lgamma(p.B) + lgamma(p.B+x) - lgamma(left),
		r:     psi(p.R+x) - psi(p.R) + math.Log(p.Alpha),
		a:     both,
		b:     both - psi(p.B) + psi(p.B+x),
		rr:    trigamma(p.R+x) - trigamma(p.R),
		aa:    second,
		bb:    second - trigamma(p.B) + trigamma(p.B+x),
	}
}

// sumNBD adds up the log-likelihood by NBD, in which nobody leaves, and its derivatives by r
// and α.
func (d *data) sumNBD(r, alpha float64, into *slopes) {
	p := Params{R: r, Alpha: alpha, A: 1, B: 1}
	g, h := into.gradient, into.hessian
	for rows := d.rows; len(rows) > 0; {
		alike := sameX(rows)
		x := rows[0].x
		rows = rows[len(alike):]
		var of moments
		of.addStays(p, alike)
		c, rate := p.ofX(x), r+x
		into.value += of.weight*(lgamma(rate)-lgamma(r)+r*math.Log(alpha)) - rate*of.logAge
		g[0] += of.weight*c.r - of.logAge
		g[1] += of.weight*r/alpha - rate*of.perAge
		h[0] += of.weight * c.rr
		h[1] += of.weight/alpha - of.perAge
		h[3] += rate*of.squares - of.weight*r/(alpha*alpha)
	}
	h[2] = h[1]
}

// trigamma is the second derivative of log Γ: Abramowitz and Stegun 6.4.6 and 6.4.12.
func trigamma(x float64) float64 {
	sum := 0.0
	for ; x < 8; x++ {
		sum += 1 / (x * x)
	}
	y := 1 / (x * x)
	return sum + 1/x + y/2 + y/x*(1./6-y*(1./30-y*(1./42-y*(1./30-y*(5./66-y*691./2730)))))
}
