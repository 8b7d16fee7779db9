defmodule Tidewater.Overbooking do
  use GenServer

  @doc "Sells a place only while fewer are sold than the ship takes and usually stay away."
  def start_link(options), do: GenServer.start_link(__MODULE__, options, name: __MODULE__)

  def reserve(sailing, count), do: GenServer.call(__MODULE__, {:reserve, sailing, count})

  @impl true
  def init(options), do: {:ok, %{capacity: options[:capacity], no_show: options[:no_show], sold: %{}}}

  @impl true
  def handle_call({:reserve, sailing, count}, _from, state) do
    sold = Map.get(state.sold, sailing, 0)
    ceiling = trunc(state.capacity / (1 - state.no_show))

    if sold + count <= ceiling do
      {:reply, :ok, put_in(state.sold[sailing], sold + count)}
    else
      {:reply, {:error, :full}, state}
    end
  end
end
