package survey

// MonthLayout writes a month, 2026-03.
const MonthLayout = "2006-01"

// Block are responses that are counted together.
type Block struct {
	// From and To are the months of the first and the last of them, as MonthLayout. Anonymous
	// ones count for the month in which they were released.
	From, To string
	// Asked are those who were invited in these months, and Answered those of them who
	// answered; of anonymous ones neither is known. Told are answers that other tools asked for.
	Asked, Answered, Told int
	// Scores and Bands count the responses, by score and by the band that it had.
	Scores map[int]int
	Bands  map[Band]int
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
	for _, count := range b.Scores {
		n += count
	}
	return n
}

// Add counts responses of one score.
func (b *Block) Add(c ScoreCount) {
	if b.Scores == nil {
		b.Scores, b.Bands = map[int]int{}, map[Band]int{}
	}
	b.Scores[c.Score] += c.N
	b.Bands[c.Band] += c.N
}

// join returns the responses of two blocks that follow one another.
func (b Block) join(next Block) Block {
	joined := Block{
		From: b.From, To: next.To, Asked: b.Asked + next.Asked, Answered: b.Answered + next.Answered, Told: b.Told + next.Told,
		Scores: map[int]int{}, Bands: map[Band]int{},
	}
	if b.From == "" {
		joined.From = next.From
	}
	for _, part := range []Block{b, next} {
		for score, n := range part.Scores {
			joined.Scores[score] += n
		}
		for band, n := range part.Bands {
			joined.Bands[band] += n
		}
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
