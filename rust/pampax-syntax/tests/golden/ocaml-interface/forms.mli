(** Written for this project: the forms of an OCaml declaration that the other fixtures lack. *)
open Base
type t
type 'a u = private A of 'a | B
type p = [ `X | `Y of int ]
val f : int -> int
(** doc of f *)

val poly : 'a. 'a -> 'a
val x : int
val ( + ) : t -> t -> t
external g : int -> int = "g"
module M : sig
  val z : t
  include S with type t := t
end
module F (X : S) : T with type t = X.t
module type S = sig type t val a : t end
exception E of string
class foo : int -> object method m : int end
class type bar = object method m : int end
class virtual q : object val x : int inherit foo end
type r = { a : int; (** doc a *) b : string }
