(* Written for this project: the forms of an OCaml definition that the other fixtures lack. *)
open Base.Import
module M = Map.Make(String)
exception Foo of int
type t = A | B of int [@@deriving show]
and r = { name : string; mutable age : int }
type 'a alias = 'a list
external sin : float -> float = "c_sin"
(** Doc *)
let rec f x y = g x
and g x = x
let (+++) a b = a + b
let x = 5
let h = fun x -> x
let k = function A -> 1 | B _ -> 2
let () = print_endline "hi"
let (a, b) = (1, 2)
module Inner : S with type t = int = struct
  let z = List.map f [1]
  let w q = q |> f
end
module F (X : S) = struct let q = X.z end
module type S = sig
  type t
  val z : t -> int
  exception E
  module N : sig val a : int end
end
class virtual foo (x : int) = object (self)
  inherit bar x
  val mutable n = 0
  method m y = self#k y
  method virtual v : int
  method private p = new baz
end
class type ct = object method a : int end
let%test "foo works" = true
let%expect_test "prints" = ()
let%test_unit _ = ()
let v = { name = "x"; age = 1 }
let () = let local z = z in local 1
let test_x () = Foo.Bar.baz ~a:1 x
include M
module rec R1 : S = struct end and R2 : S = struct end
type _ gadt = I : int -> int gadt | S of string
type ext += X
let op1 = ( + )
