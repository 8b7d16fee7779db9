# frozen_string_literal: true

module Notices
  class MissingValue < StandardError; end

  class Template
    PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/

    def initialize(texts)
      @texts = texts
    end

    def render(locale, values)
      text = @texts[locale] || @texts[locale.split("-").first] || @texts.fetch("en")
      text.gsub(PLACEHOLDER) do
        values.fetch(Regexp.last_match(1).to_sym) { |name| raise MissingValue, "no value for #{name}" }.to_s
      end
    end

    def placeholders
      @texts.values.flat_map { |text| text.scan(PLACEHOLDER).flatten }.uniq.sort
    end
  end
end
