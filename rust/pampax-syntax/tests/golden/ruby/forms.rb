# Written for this project: the forms of a Ruby definition that the other fixtures lack.
# frozen_string_literal: true

require 'set'
require_relative 'forms/base'

VERSION = '1.0'.freeze
LIMITS, NAMES = [1, 2], %w[a b]
$verbose = false

# Adds two numbers.
def add(first, second = 0, *rest, key: nil, &block)
  first + second
end

def square(x) = x * x

module Forms
  autoload :Extra, 'forms/extra'

  # The error of this module.
  class Error < StandardError; end
  NotFound = Class.new(Error)
  Point = Struct.new(:x, :y) do
    def length
      Math.sqrt(x * x + y * y)
    end
  end
  Size = Data.define(:width, :height)

  module_function

  def helper(name)
    name.to_s
  end

  module Countable
    def self.included(base)
      base.extend(ClassMethods)
    end

    module ClassMethods
      def count
        @count ||= 0
      end
    end
  end
end

# Holds items.
class Forms::Store < Forms::Base
  include Enumerable
  include Forms::Countable
  extend Forwardable
  prepend Logging

  DEFAULT_SIZE = 64
  private_constant :DEFAULT_SIZE
  @@instances = 0

  # The name of the store.
  attr_accessor :name, :title
  attr_reader :items
  attr_writer 'path'
  def_delegators :@items, :size, :empty?

  alias_method :length, :size
  alias count size

  class << self
    attr_reader :registry

    def create(*args)
      new(*args)
    end

    private

    def build
      create
    end
  end

  def self.open(path)
    store = new(path)
    yield store if block_given?
  end

  # Makes a store.
  def initialize(name)
    super()
    @name = name
    @items = {}
  end

  def [](key)
    @items[key]
  end

  def []=(key, value)
    @items[key] = value
  end

  def name=(value)
    @name = value
  end

  def empty?
    @items.empty?
  end

  def clear!
    @items.clear
    self
  end

  def <=>(other)
    name <=> other.name
  end

  def ==(other) = name == other.name

  def -@
    self
  end

  define_method(:dynamic) do |argument|
    argument
  end

  scope :recent, -> { order(:created) }

  private def secret
    @secret ||= Forms::Error.new('secret')
  end

  protected

  def each(&block)
    return enum_for(:each) unless block
    @items.each_value(&block)
  end
end

class << Forms
  def reset; end
end

RSpec.describe Forms::Store do
  let(:store) { described_class.new('a') }

  context 'when empty' do
    it 'has no items' do
      expect(store.items).to be_empty
    end
  end
end

__END__
class NotCode
end
