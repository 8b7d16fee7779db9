# frozen_string_literal: true

require "digest"

module Notices
  # Sends a message by the channels a passenger agreed to, each at most once.
  class Dispatcher
    def initialize(channels:, seen:, clock: Time)
      @channels = channels
      @seen = seen
      @clock = clock
    end

    def deliver(notice, passenger)
      passenger.consented_channels.filter_map do |name|
        channel = @channels.fetch(name)
        next if quiet_hours?(passenger) && !notice.urgent?
        next unless @seen.add?(fingerprint(notice, passenger, name))

        channel.deliver(notice.text_for(passenger.locale), to: passenger.address_for(name))
        name
      end
    end

    private

    def quiet_hours?(passenger)
      hour = @clock.now.getlocal(passenger.utc_offset).hour
      hour >= 22 || hour < 7
    end

    def fingerprint(notice, passenger, channel)
      Digest::SHA256.hexdigest([notice.id, passenger.id, channel].join("|"))
    end
  end
end
