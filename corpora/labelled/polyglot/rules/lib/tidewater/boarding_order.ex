defmodule Tidewater.BoardingOrder do
  @moduledoc """
  Who goes on board first.
  """

  @groups [:wheelchair, :small_children, :first_class, :bicycles, :everyone]

  def call_up(passengers, called) do
    passengers
    |> Enum.group_by(&group/1)
    |> then(fn by_group -> Enum.find(@groups, &(&1 not in called and Map.has_key?(by_group, &1))) end)
  end

  def group(%{needs: needs} = passenger) do
    cond do
      :wheelchair in needs -> :wheelchair
      passenger.youngest_child in 0..5 -> :small_children
      passenger.class == :first -> :first_class
      :bicycle in needs -> :bicycles
      true -> :everyone
    end
  end
end
