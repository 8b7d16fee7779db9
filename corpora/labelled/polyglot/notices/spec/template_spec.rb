# frozen_string_literal: true

require_relative "../lib/template"

RSpec.describe Notices::Template do
  subject(:template) { described_class.new("en" => "Dear {{name}}", "de" => "Hallo {{name}}") }

  it "falls back from a region to its language" do
    expect(template.render("de-AT", name: "Ada")).to eq("Hallo Ada")
  end

  it "refuses to send a letter with a hole in it" do
    expect { template.render("en", {}) }.to raise_error(Notices::MissingValue)
  end
end
