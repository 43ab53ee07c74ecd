package survey

import "slices"

// Block are responses that are counted together.
type Block struct {
	// From and To are the months of the first and the last of them, 2026-03. Anonymous
	// ones count for the month in which they were released.
	From, To string
	// Asked are those who were invited in these months, and Answered those of them who
	// answered; of anonymous ones neither is known.
	Asked, Answered int
	Counts          []ScoreCount
}

// ScoreCount is how many responses have a score.
type ScoreCount struct {
	Score int
	Band  Band
	N     int
}

// N is how many responses the block has.
func (b Block) N() int {
	n := 0
	for _, c := range b.Counts {
		n += c.N
	}
	return n
}

// Bands counts the responses by their band.
func (b Block) Bands() map[Band]int {
	bands := map[Band]int{}
	for _, c := range b.Counts {
		bands[c.Band] += c.N
	}
	return bands
}

// Add counts responses of one score.
func (b *Block) Add(c ScoreCount) {
	i := slices.IndexFunc(b.Counts, func(has ScoreCount) bool { return has.Score == c.Score && has.Band == c.Band })
	if i < 0 {
		b.Counts = append(b.Counts, c)
		return
	}
	b.Counts[i].N += c.N
}

// join returns the responses of two blocks that follow one another.
func (b Block) join(next Block) Block {
	joined := Block{
		From: b.From, To: next.To, Asked: b.Asked + next.Asked, Answered: b.Answered + next.Answered, Counts: slices.Clone(b.Counts),
	}
	if b.From == "" {
		joined.From = next.From
	}
	for _, c := range next.Counts {
		joined.Add(c)
	}
	return joined
}

// Disclose returns what may be shown of blocks in the order of their months: all together,
// and periods of at least so many responses each, so that no difference between what is
// shown is about fewer. It shows nothing where there are fewer in all.
func Disclose(blocks []Block, least int) (whole Block, periods []Block, shown bool) {
	var open Block
	for _, b := range blocks {
		whole, open = whole.join(b), open.join(b)
		if open.N() >= least {
			periods, open = append(periods, open), Block{}
		}
	}
	if whole.N() < least {
		return Block{}, nil, false
	}
	if open.N() > 0 {
		periods[len(periods)-1] = periods[len(periods)-1].join(open)
	}
	return whole, periods, true
}
