package text

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
)

// trainTopics trains what finds each topic that was ticked often enough, and keeps those
// that find it better than the rules alone.
func (m *Model) trainTopics(earlier *Model, language string, all []sample) []Trial {
	samples := slices.DeleteFunc(slices.Clone(all), func(s sample) bool { return !s.Asked })
	times := map[string]int{}
	for _, s := range samples {
		for _, topic := range s.Topics {
			times[topic]++
		}
	}
	for topic := range earlier.Topics[language] {
		times[topic] += 0
	}
	var trials []Trial
	for _, topic := range slices.Sorted(maps.Keys(times)) {
		was := earlier.Topics[language][topic]
		if was == nil && (times[topic] < leastTopic || len(samples) < leastTicked) {
			continue
		}
		c, trial := trainTopic(was, topic, samples, times[topic])
		trial.Language, trial.Topic = language, topic
		trials = append(trials, trial)
		if c != nil {
			m.Topics = with(m.Topics, language, with(m.Topics[language], topic, c))
		}
	}
	return trials
}

// trainTopic returns what is to find a topic besides the rules, nil for nothing.
func trainTopic(earlier *Classifier, topic string, samples []sample, times int) (*Classifier, Trial) {
	trial := Trial{Comments: len(samples), Holding: times}
	if times < leastTopic || len(samples)-times < leastTopic || len(samples) < leastTicked {
		trial.Status, trial.Reason = card.ThinData, fmt.Sprintf("too few comments with causes ticked: %d are needed, %d with the topic and %d without", leastTicked, leastTopic, leastTopic)
		return keep(earlier, &trial), trial
	}
	examples := make([]labelled, len(samples))
	for i, s := range samples {
		examples[i] = labelled{s.buckets, s.words, slices.Contains(s.Topics, topic), s.person}
	}
	held, _ := holdOut(examples, false)
	c := fitClassifier(examples, false)
	c.calibrate(held, examples, false)
	c.Until = lastOf(samples)
	results := make([]judged, len(samples))
	model := make([]float64, len(samples))
	said, rightly := 0.0, 0.0
	for i, s := range samples {
		holds, rule := examples[i].holds, slices.Contains(s.ruled, topic)
		found := c.calibrated(held[i]) >= 0
		model[i] = agrees(rule || found, holds)
		results[i] = judged{holds, agrees(rule, holds), model[i]}
		if found {
			said++
			rightly += agrees(true, holds)
		}
	}
	trial.compare(results)
	trial.Precision = rightly / max(1, said)
	switch {
	case trial.Low <= 0:
		trial.Status, trial.Reason = card.NotBetterThanBase, "with it the topic is not found better than by the rules alone"
		return keep(earlier, &trial), trial
	case trial.Precision < leastPrecision:
		trial.Status, trial.Reason = card.NotBetterThanBase, "it finds the topic where it is not too often"
		return keep(earlier, &trial), trial
	}
	trial.Status, trial.Reason = card.OK, "with it the topic is found better than by the rules alone"
	if earlier != nil && !findsBetterSince(earlier, topic, samples, model) {
		trial.Reason += "; the earlier one is as good on what was written since"
		return keep(earlier, &trial), trial
	}
	return c, trial
}

func agrees(said, holds bool) float64 {
	if said == holds {
		return 1
	}
	return 0
}

// findsBetterSince is betterSince of a topic.
func findsBetterSince(earlier *Classifier, topic string, samples []sample, model []float64) bool {
	var since []judged
	for i, s := range samples {
		if s.At > earlier.Until {
			holds := slices.Contains(s.Topics, topic)
			found := slices.Contains(s.ruled, topic) || earlier.calibrated(earlier.logitOf(s.buckets)) >= 0
			since = append(since, judged{holds, agrees(found, holds), model[i]})
		}
	}
	return asGood(since)
}
