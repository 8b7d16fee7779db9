-- Written for this project: the forms of a Lua definition that the other fixtures lack.
local assert = require("luassert")
local insert = table.insert
local M = {}

M.VERSION, M.NAME = "1.0", "forms"
local limit <const> = 5

--- Adds two numbers.
-- @param a number
function M.add(a, b)
  return a + b
end

function M.nested.deep(x) end

function M:method(x)
  return self.value + x
end

M.assigned = function(...) return select("#", ...) end
M["quoted name"] = function() end
M.handlers.open = function() end

local function visible() end
local hidden = function() end
global_function = function() end

local Point = setmetatable({
  new = function(x, y) return { x = x, y = y } end,
  ["move"] = function(self) return self end,
}, {})

M.defaults = {
  size = 10,
  on_open = function() end,
}

function M.outer()
  local count = 0
  local function inner() count = count + 1 end
  return inner
end

describe("forms", function()
  it("adds", function()
    assert.equal(3, M.add(1, 2))
  end)
end)

return { M = M, run = function() return M.outer() end }
