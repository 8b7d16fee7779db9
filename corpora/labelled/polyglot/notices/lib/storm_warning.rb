# frozen_string_literal: true

module Notices
  class StormWarning
    BEAUFORT_LIMITS = { catamaran: 7, ferry: 9, freighter: 10 }.freeze

    def initialize(forecast)
      @forecast = forecast
    end

    def affected(sailings)
      sailings.select { |sailing| beaufort(@forecast.wind_ms(sailing.route, sailing.departs)) > limit(sailing.vessel) }
    end

    private

    def limit(vessel)
      BEAUFORT_LIMITS.fetch(vessel.type)
    end

    # v = 0.836 B^1.5, turned round.
    def beaufort(speed_ms)
      ((speed_ms / 0.836)**(2.0 / 3)).round.clamp(0, 12)
    end
  end
end
