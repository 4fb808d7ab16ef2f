package plan

import "math"

// Softmax are the chances exp(sᵢ/T)/Σexp(sⱼ/T) of scores at a temperature T > 0.
func Softmax(scores []float64, temperature float64) []float64 {
	chances := make([]float64, len(scores))
	if len(scores) == 0 {
		return chances
	}
	top, sum := scores[argmax(scores)], 0.0
	for i, s := range scores {
		chances[i] = math.Exp((s - top) / temperature)
		sum += chances[i]
	}
	for i := range chances {
		chances[i] /= sum
	}
	return chances
}

// Entropy is −Σ p·ln p, in nats: 0 where one chance is 1, ln n where all n are the same.
func Entropy(chances []float64) float64 {
	h := 0.0
	for _, p := range chances {
		if p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h
}

const (
	startTemperature = 1.0  // where no floor asks for more
	temperatureSpan  = 1e4  // the highest temperature tried, in differences between the highest and the lowest score: as good as even
	temperatureError = 1e-9 // of a temperature, relative
)

// Temper finds the lowest temperature from 1 on at which the chances of scores have at least the entropy floor·ln n, floor from 0 to 1, and
// returns it with the chances.
//
// Among all distributions over the candidates with the same mean score, the softmax is the one with the most entropy (Jaynes 1957,
// "Information theory and statistical mechanics"; Boltzmann's distribution, with T as the inverse of the multiplier of the mean), so this
// is the choice that takes the scores for what they say and supposes nothing more. Its entropy never falls with T: dH/dT = Var(s)/T³, the
// variance of the scores by the chances. So bisection finds the temperature: between 1 and 10⁴ times the scores' range, where the entropy
// is within (range/T)²/8 ≤ 2·10⁻⁹ of ln n, to a relative error of 10⁻⁹ on the side that keeps the floor. A floor beyond even that gets even
// chances.
func Temper(scores []float64, floor float64) (temperature float64, chances []float64) {
	n := len(scores)
	chances = Softmax(scores, startTemperature)
	least := floor * math.Log(float64(n))
	if n < 2 || Entropy(chances) >= least {
		return startTemperature, chances
	}
	spread := 0.0
	for _, s := range scores {
		spread = max(spread, scores[argmax(scores)]-s)
	}
	low, high := startTemperature, max(startTemperature, spread*temperatureSpan)
	if chances = Softmax(scores, high); Entropy(chances) < least {
		for i := range chances {
			chances[i] = 1 / float64(n)
		}
		return high, chances
	}
	for high-low > temperatureError*high {
		middle := (low + high) / 2
		if Entropy(Softmax(scores, middle)) >= least {
			high = middle
		} else {
			low = middle
		}
	}
	return high, Softmax(scores, high)
}
