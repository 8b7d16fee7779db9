//! Written for this project: the forms of a Zig definition that the other fixtures lack.
const std = @import("std");
const Allocator = std.mem.Allocator;
const Self = @This();
pub const Exported = std.Foo;
pub const builtin = @import("b.zig");
const c = @cImport({
    @cInclude("stdio.h");
});

const max_size = 5;
const enabled = true;
var counter: u8 = 1;
threadlocal var local: u32 = 0;
const default: Point = .{};
const List = std.ArrayList(u8);

/// A point.
pub const Point = struct {
    x: u8 = 1,
    next: ?*Point,

    const Tag = union(enum) { a: u8, b, c: f32 };
    const Error = error{ Missing, Broken };

    /// Prints it.
    pub fn print(self: Point) !void {
        try std.debug.print("x", .{});
        const other = Point{ .x = 1 };
        other.print();
    }
};

pub fn Stack(comptime T: type) type {
    return struct {
        const Inner = @This();
        items: []T,

        pub fn push(self: *Inner, item: T) Allocator.Error!void {
            check(item);
        }
    };
}

const Color = enum(u8) {
    red,
    green = 2,
    _,

    pub fn next(self: Color) Color {
        return self;
    }
};

const Flags = packed struct(u8) { a: u4, b: u4 };
pub const Handle = opaque {
    pub fn close() void {}
};

pub extern "c" fn write(fd: c_int) isize;
export fn entry() void {}
inline fn fast() void {}

test "point prints" {
    try std.testing.expect(true);
}
test Stack {}
test {}
