# Written for this project: the forms of an Elixir definition that the other fixtures lack.
defmodule Forms.Server do
  @moduledoc """
  A server.
  """
  use GenServer, restart: :transient
  alias Forms.{Store, Cache}
  import Enum, only: [map: 2]
  require Logger

  @behaviour Forms.Handler
  @timeout 5_000
  @enforce_keys [:name]
  defstruct [:name, size: 1]

  @type t :: %__MODULE__{name: String.t()}
  @typep pair(a) :: {a, a}
  @callback init(term) :: {:ok, term}

  @doc "Adds."
  @doc since: "1.0"
  @spec add(integer, integer) :: integer
  def add(a, b \\ 1) when is_integer(a), do: a + b
  # the other clause
  def add(a, _), do: a

  @doc false

  def hidden, do: :ok

  defp go, do: Process.sleep(@timeout)

  defmacro trace(expression) do
    quote do: unquote(expression)
  end

  defguard is_even(x) when rem(x, 2) == 0
  defdelegate fetch(store, key), to: Store
  def a <> b, do: Forms.concat(a, b)
  def unquote(name)(x), do: x

  @impl true
  def handle_call(:state, _from, state) do
    state |> Enum.map(&go/1) |> inspect
    Logger.info("state")
    {:reply, %Cache{}, state}
  end

  defmodule Inner do
    defexception [:message]
  end
end

defimpl String.Chars, for: Forms.Server do
  def to_string(server), do: server.name
end

defprotocol Size do
  @spec size(t) :: non_neg_integer
  def size(data)
end

defmodule Forms.One, do: def(only(x), do: x)

defmodule FormsTest do
  use ExUnit.Case, async: true

  setup :start

  setup_all do
    :ok
  end

  describe "add/2" do
    @tag :slow
    test "adds", %{server: server} do
      assert Forms.Server.add(1, 2) == 3
    end

    test "not implemented"
  end

  property "is commutative" do
    :ok
  end
end
