-- For what was unhappy in a week, and what ended in it.
CREATE INDEX responses_unhappy ON responses (answered_at) WHERE band IN ('detractor', 'dissatisfied', 'hard', 'failed');
CREATE INDEX cases_ended ON cases (ended_at) WHERE ended_at IS NOT NULL;
