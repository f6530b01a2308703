"""One real-looking file a language, with the symbols and uses that must be read out of it.

Symbols are "kind qualified", uses "scope kind name" ("-" for the file itself).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    name: str
    text: str
    symbols: str
    uses: str = ""


SNIPPETS = [
    Snippet(
        "a.py",
        '''"""Doc."""
import os.path as p
from flask.sansio import App as Base, Other
from . import sibling

LIMIT: int = 10

# A counter.
@decorated(1)
class Counter(Base[int], mixins.Loud, metaclass=Meta):
    """Counts.

    More.
    """

    step = 1

    def __init__(self, start=0, *args, sep="#", **kw: int) -> None:
        self.value: int = start
        self.log = make_log()

    @property
    async def current(self):
        def inner():
            return self.load().go()
        return inner()

try:
    def fallback(): pass
except ImportError:
    fallback = None
''',
        "variable LIMIT, class Counter, variable Counter.step, method Counter.__init__, variable Counter.value, "
        "variable Counter.log, method Counter.current, function Counter.current.inner, function fallback",
        "- import path, - import App, - import Other, - import sibling, Counter inherit Base, Counter inherit Loud, "
        "- call decorated, Counter.__init__ call make_log, Counter call property, Counter.current.inner call load, "
        "Counter.current.inner call go, Counter.current call inner",
    ),
    Snippet(
        "a.js",
        """import React, { useState } from "react";
const fs = require("node:fs");
/** Counts. */
export class Counter extends lib.Base {
  static limit = 1;
  #secret = 2;
  constructor(a, b = 1) { super(a); }
  async inc() { this.helper.run(); }
  handler = (e) => { go(e); };
}
export default function main(x) { return new Counter(x).inc(); }
const arrow = async (a) => foo(a), two = function () {};
const api = { get() { return 1; }, put: (y) => y, n: 1 };
Foo.prototype.bar = function () {};
module.exports.util = function (x) { return x; };
const Button = React.memo(() => null);
describe("counter", () => {
  it("counts up.", () => { expect(1); });
});
""",
        "variable fs, class Counter, variable Counter.limit, variable Counter.#secret, method Counter.constructor, "
        "method Counter.inc, method Counter.handler, function main, function arrow, function two, variable api, "
        "function api.get, function api.put, method Foo.bar, function util, function Button, section counter, "
        "section counter > counts up.",
        "- import react, - import useState, - import node:fs, Counter inherit Base, Counter.inc call run, "
        "main call Counter, "
        "main call inc, arrow call foo, counter > counts up. call expect",
    ),
    Snippet(
        "a.ts",
        """import type { A } from "./types";
import B = require("b");
export interface Shape extends Base, Other<T> { area(): number; name: string; }
export type Id = string | number;
export enum Color { Red, Green }
export abstract class Circle<T> extends Round<T> implements Shape, ns.Named {
  private r: number = 1;
  constructor(private readonly a: number) { super(); }
  @HostListener("click")
  area(): number { return this.pi(); }
  abstract foo(): void;
}
declare module "x" { function f(a: number): string; }
namespace NS { export function g() {} }
export const h = <T,>(x: T): T => x;
@Component({ a: 1 })
export class C {}
""",
        "class Shape, method Shape.area, class Id, class Color, class Circle, variable Circle.r, "
        "method Circle.constructor, "
        "method Circle.area, method Circle.foo, module x, function x.f, module NS, function NS.g, "
        "function h, class C",
        "- import types, - import A, - import b, Shape inherit Base, Shape inherit Other, Circle inherit Round, "
        "Circle inherit Shape, Circle.area call pi, - call Component",
    ),
    Snippet(
        "a.tsx",
        """export function App(props: Props) {
  return <Layout title="x"><Button onClick={() => save(props)} /></Layout>;
}
export const Page: React.FC = () => <App />;
""",
        "function App, function Page",
        "App call save",
    ),
    Snippet(
        "a.go",
        """package main

import (
\t"fmt"
\tio2 "net/http"
)

// Server serves.
type Server struct {
\thttp.Handler
\tName string
}

type Reader interface {
\tio.Reader
\tRead(p []byte) (int, error)
}

type Alias = int

const Max, Min = 10, 1

var debug bool

// Run runs.
func (s *Server) Run(ctx context.Context, n int) error {
\tfmt.Println("a")
\treturn s.helper(n)
}

func (l List[T]) Len() int { return 0 }

func main() { NewServer[int]() }
""",
        "class Server, class Reader, method Reader.Read, class Alias, variable Max, variable Min, variable debug, "
        "method Server.Run, method List.Len, function main",
        "- import fmt, - import http, Server inherit Handler, Reader inherit Reader, Server.Run call Println, "
        "Server.Run call helper, main call NewServer",
    ),
    Snippet(
        "a.rs",
        """//! Crate doc.
use std::collections::{HashMap, HashSet as Set};
use crate::shapes::Round;

/// A point.
#[derive(Debug)]
pub struct Point<T> { x: T }
pub enum E { A, B(i32) }
pub trait Shape: Base + Send { fn area(&self) -> f64; fn two(&self) -> i32 { 2 } }
impl<T> Shape for Point<T> {
    fn area(&self) -> f64 { self.x.foo(); bar::baz(); 1.0 }
}
impl Point<i32> { pub fn new(x: i32) -> Self { Point { x } } }
mod inner { pub fn f() {} }
const MAX: u32 = 1;
type Id = Vec<u8>;
macro_rules! mac { () => {} }
#[test]
fn main() { println!("x"); }
""",
        "class Point, class E, class Shape, method Shape.area, method Shape.two, method Point.area, "
        "method Point.new, "
        "module inner, function inner.f, variable MAX, class Id, function mac, function main",
        "- import HashMap, - import HashSet, - import Round, Shape inherit Base, Shape inherit Send, "
        "Point inherit Shape, "
        "Point.area call foo, Point.area call baz, main call println",
    ),
    Snippet(
        "A.java",
        """package com.x;
import java.util.List;
/** Doc of Foo. */
@Entity
public class Foo<T> extends Bar<T> implements Baz, Qux<T> {
  private static final int MAX = 1;
  public Foo(int a) { super(a); }
  /** Runs. */
  @Override
  public <R> void run(String s, int... xs) throws E { this.a.b(s); new Thing(1); }
  interface Inner extends A, B { void m(); }
  enum Color { RED; void f() {} }
  record P(int x, int y) implements Z {}
}
""",
        "class Foo, variable Foo.MAX, method Foo.Foo, method Foo.run, class Foo.Inner, method Foo.Inner.m, "
        "class Foo.Color, "
        "variable Foo.Color.RED, method Foo.Color.f, class Foo.P",
        "- import List, Foo inherit Bar, Foo inherit Baz, Foo inherit Qux, Foo.Inner inherit A, Foo.Inner inherit B, "
        "Foo.P inherit Z, Foo.run call b, Foo.run call Thing",
    ),
    Snippet(
        "a.c",
        """#include <stdio.h>
#include "x/y.h"
#define MAX 10
#define SQ(x) ((x)*(x))
/* A point. */
struct point { int x; };
typedef struct { int a; } box_t;
enum color { RED };
static int counter = 0;
int add(int a, int b);
/* Names it. */
static char *name_of(struct point *p, int n) { printf("x"); p->fn(n); return 0; }
int main(void) { return add(1, 2); }
""",
        "variable MAX, function SQ, class point, class box_t, class color, variable counter, function add, "
        "function name_of, "
        "function main",
        "- import stdio.h, - import y.h, name_of call printf, name_of call fn, main call add",
    ),
    Snippet(
        "a.cpp",
        """#include <vector>
namespace a::b {
/// Doc.
template <typename T>
class Foo : public Bar<T>, private ns::Baz {
 public:
  Foo(int x) : x_(x) {}
  ~Foo();
  int run(const T& t) const { t.go(); ns::f(); return g<int>(1); }
  bool operator==(const Foo& o) const;
};
int Foo::run2(int a) { return 1; }
Foo::~Foo() {}
}
const std::string& ref(int a) { return *new Foo(1); }
template <class T> T* maxi(T a) { return a; }
""",
        "module a.b, class a.b.Foo, method a.b.Foo.Foo, method a.b.Foo.~Foo, method a.b.Foo.run, "
        "method a.b.Foo.operator==, "
        "method a.b.Foo.run2, function ref, function maxi",
        "- import vector, a.b.Foo inherit Bar, a.b.Foo inherit Baz, a.b.Foo.run call go, a.b.Foo.run call f, "
        "a.b.Foo.run call g, ref call Foo",
    ),
    Snippet(
        "a.cs",
        """using System.Collections.Generic;
namespace A.B {
  /// <summary>Doc.</summary>
  [Serializable]
  public class Foo<T> : Bar<T>, IBaz where T : class {
    public const int Max = 1;
    public Foo(int a) : base(a) { }
    public int P { get; set; }
    [Test]
    public async Task<int> Run(string s, int n = 1) { await _x.Go(s); return new Thing(1); }
  }
  interface IX : IY { void M(); }
  record R(int X) : Base(X);
}
""",
        "module A.B, class A.B.Foo, variable A.B.Foo.Max, method A.B.Foo.Foo, variable A.B.Foo.P, "
        "method A.B.Foo.Run, "
        "class A.B.IX, method A.B.IX.M, class A.B.R",
        "- import Generic, A.B.Foo inherit Bar, A.B.Foo inherit IBaz, A.B.IX inherit IY, A.B.R inherit Base, "
        "A.B.Foo.Run call Go, A.B.Foo.Run call Thing",
    ),
    Snippet(
        "a.rb",
        """require "json"
require_relative "x/y"
module A
  # Doc.
  class Foo < Bar::Baz
    include Comparable
    MAX = 1
    def initialize(a, b = 1, *c, d:, **e)
      @a = a
    end
    def self.build(x) = new(x)
    def run?
      helper(1)
      obj.go
    end
    private def hidden; end
  end
end
""",
        "module A, class A.Foo, variable A.Foo.MAX, method A.Foo.initialize, method A.Foo.build, method A.Foo.run?, "
        "method A.Foo.hidden",
        "- import json, - import y, A.Foo inherit Baz, A.Foo inherit Comparable, A.Foo.build call new, "
        "A.Foo.run? call helper, "
        "A.Foo.run? call go",
    ),
    Snippet(
        "a.php",
        """<?php
namespace App\\Http;
use Foo\\Bar;
use Foo\\{A, B as C};
/** Doc. */
#[Attr]
abstract class User extends Model implements \\B\\C {
  use HasFoo;
  const MAX = 1;
  private int $x = 1;
  /** Run. */
  public function run(string $s, int ...$n): ?int { $this->go($s); self::st(); foo(); new Thing(); }
}
interface I extends J { public function m(); }
enum E: string { case A = 'a'; }
function top($a) { return 1; }
?>
<h1>x</h1>
""",
        "class User, variable User.MAX, variable User.x, method User.run, class I, method I.m, class E, "
        "variable E.A, function top",
        "- import Bar, - import A, - import B, User inherit Model, User inherit C, User inherit HasFoo, I inherit J, "
        "User.run call go, User.run call st, User.run call foo, User.run call Thing",
    ),
    Snippet(
        "a.kt",
        """package a.b
import x.y.Z
/** Doc. */
@Ann
data class Foo<T>(val a: Int, b: String = "x") : Bar<T>(a), Baz {
  val p: Int = 1
  companion object {
    fun mk() = Foo(1)
  }
  override fun run(s: String, n: Int = 1): Int {
    x.go(s)
    return helper()
  }
}
object O : Base() {
  fun f() {}
}
fun String.ext(a: Int) = 1
val TOP = 1
typealias Id = Int
""",
        "class Foo, variable Foo.p, method Foo.mk, method Foo.run, class O, method O.f, function ext, "
        "variable TOP, class Id",
        "- import Z, Foo inherit Bar, Foo inherit Baz, O inherit Base, Foo.run call go, Foo.run call helper, "
        "Foo.mk call Foo",
    ),
    Snippet(
        "a.swift",
        """import Foundation
import class UIKit.View
/// Doc.
@objc public final class Foo<T>: Bar, Baz {
  static let max = 1
  init(a: Int, b: String = "x") { super.init(); self.go(a) }
  deinit {}
  override func run(_ s: String, n: Int = 1) throws -> Int { helper.go(s); return Thing(1) }
}
protocol P: Q { func m(x: Int) -> Int }
extension Foo: R { func ext() {} }
enum E: String { case a }
func top<T>(x: T) -> T { return x }
let TOP = 1
""",
        "class Foo, variable Foo.max, method Foo.init, method Foo.deinit, method Foo.run, class P, "
        "method P.m, method Foo.ext, "
        "class E, variable E.a, function top, variable TOP",
        "- import Foundation, - import View, Foo inherit Bar, Foo inherit Baz, Foo inherit R, P inherit Q, "
        "Foo.init call go, "
        "Foo.run call go, Foo.run call Thing",
    ),
    Snippet(
        "a.scala",
        """package a.b
import x.y.{Z, W => V}
import p.q.Deep
/** Doc. */
case class Foo[T](a: Int, b: String = "x") extends Bar[T](a) with Baz {
  val p = 1
  def run(s: String)(implicit n: Int): Int = { x.go(s); helper(1); new Thing(1) }
}
trait Tr extends A with B { def m: Int }
object O extends App { def f(): Unit = {} }
def top(x: Int): Int = x
""",
        "class Foo, variable Foo.p, method Foo.run, class Tr, method Tr.m, class O, method O.f, function top",
        "- import Z, - import W, - import Deep, Foo inherit Bar, Foo inherit Baz, Tr inherit A, "
        "Tr inherit B, O inherit App, "
        "Foo.run call go, Foo.run call helper, Foo.run call Thing",
    ),
    Snippet(
        "a.lua",
        """local json = require("cjson.safe")
local M = {}
M.LIMIT = 10
-- Doc.
function M.run(a, b) return helper(a) end
function M:method(x) self.y:go(x) end
local function priv(...) end
M.other = function(z) end
return M
""",
        "variable json, variable M, variable M.LIMIT, method M.run, method M.method, function priv, method M.other",
        "- import safe, M.run call helper, M.method call go",
    ),
    Snippet(
        "a.sh",
        """#!/bin/bash
source ./lib.sh
MAX=10
export PATH_X=1
# Doc.
run() {
  helper "$1"
}
function two { run a; }
run
""",
        "variable MAX, variable PATH_X, function run, function two",
        "- import lib.sh, run call helper, two call run, - call run",
    ),
    Snippet(
        "a.sql",
        """-- Users.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE VIEW v AS SELECT * FROM users;
CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql;
INSERT INTO users VALUES (1, 'a');
CREATE TRIGGER tr AFTER INSERT ON users EXECUTE FUNCTION f();
""",
        "class users, class v, function f, function tr",
    ),
    Snippet(
        "a.toml",
        'title = "x"\n[tool.ruff]\na = 1\n[[bin]]\nname = "x"\n',
        "variable title, section tool.ruff, section bin",
    ),
    Snippet(
        "a.yaml",
        "# doc\nname: x\njobs:\n  build:\n    steps:\n      - run: make\n  test: {}\non: [push]\n",
        "section name, section jobs, section jobs.build, section jobs.test, section on",
    ),
    Snippet("a.json", '{\n  "name": "x",\n  "scripts": {"a": "b"}\n}\n', "section name, section scripts"),
    Snippet(
        "a.css",
        '@import "x.css";\n/* Doc */\n.btn, a:hover { color: red; }\n@media (max-width: 1px) { .x { a: b } }\n',
        "section .btn, a:hover, section (max-width: 1px), section (max-width: 1px) > .x",
    ),
    Snippet(
        "a.html",
        "<!doctype html>\n<html><body>\n<h1 id=\"top\">Hi</h1>\n<div id='main'><p>text</p></div>\n</body></html>\n",
        "section top, section main",
    ),
]
