"""What a definition, a call, an import and a base class look like in each language: tree-sitter queries.

Definitions, each with ``@name`` in the same pattern: ``@function``; ``@class`` (also structs, traits, interfaces and
aliases); ``@module`` (namespaces); ``@scope``, a block whose members belong to the type it names without defining it
(a Rust ``impl``); ``@section``, a part of a data file or a group of tests; ``@declaration``, a function without a body;
``@variable``; ``@object``, one whose value has members; ``@attribute``, a variable of the class around the function it
is set in. Optional companions: ``@inner`` is the node with parameters and body where the definition itself has none,
``@owner`` the type of a method that is written outside of it.

``@outer`` wraps a definition and belongs to its lines (decorators, ``export``); ``@lead`` may stand in front of one
(comments, attributes). ``@call``, ``@base``, ``@import`` (dotted) and ``@file`` (an import by path) mark the name that
is used, ``@receiver`` what stands in front of that name. Captures that begin with "_" serve predicates only.
"""

from __future__ import annotations

__all__ = ["BODIES", "PARAMETERS", "PARAMETER_LISTS", "QUERIES"]

# Where a grammar has no field "body" or "parameters", node types that serve as one.
BODIES = frozenset("function_body class_body enum_class_body field_declaration_list declaration_list block".split())
PARAMETER_LISTS = frozenset("function_value_parameters parameter_list function_arguments class_parameters".split())
PARAMETERS = frozenset({"parameter"})  # direct children that are parameters (Swift)

_PYTHON = """
(class_definition name: (identifier) @name) @class
(function_definition name: (identifier) @name) @function
(type_alias_statement left: (type (identifier) @name)) @class
(decorated_definition) @outer
(comment) @lead
(module (expression_statement (assignment left: (identifier) @name) @variable))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @variable)))
((function_definition name: (identifier) @_init body: (block (expression_statement
  (assignment left: (attribute object: (identifier) @_self attribute: (identifier) @name)) @attribute)))
  (#eq? @_init "__init__") (#eq? @_self "self"))
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @base))
(call function: [(identifier) (attribute)] @call)
(decorator [(identifier) (attribute)] @call)
(import_statement name: (dotted_name) @import)
(import_statement name: (aliased_import name: (dotted_name) @import))
(import_from_statement module_name: (_) @receiver name: (dotted_name) @import)
(import_from_statement module_name: (_) @receiver name: (aliased_import name: (dotted_name) @import))
(import_from_statement module_name: (_) @import (wildcard_import))
(import_from_statement module_name: (dotted_name) @import)
"""

_ECMASCRIPT = """
(function_declaration name: (_) @name) @function
(generator_function_declaration name: (_) @name) @function
(method_definition name: (_) @name) @function
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)] @inner) @function
(variable_declarator name: (identifier) @name value: (class)) @class
(variable_declarator name: (identifier) @name value: (object)) @object
(pair key: (_) @name value: [(arrow_function) (function_expression)] @inner) @function
(assignment_expression left: (member_expression) @name right: [(arrow_function) (function_expression)] @inner) @function
(program (lexical_declaration (variable_declarator name: (identifier) @name
  value: (call_expression arguments: (arguments [(arrow_function) (function_expression)] @inner))) @function))
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name
  value: (call_expression arguments: (arguments [(arrow_function) (function_expression)] @inner))) @function)))
((call_expression function: (identifier) @_test
  arguments: (arguments . (string (string_fragment) @name) [(arrow_function) (function_expression)])) @section
  (#any-of? @_test "describe" "it" "test" "suite" "context" "specify"))
(program [(lexical_declaration (variable_declarator name: (identifier) @name) @variable)
          (variable_declaration (variable_declarator name: (identifier) @name) @variable)])
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @variable)))
[(export_statement) (lexical_declaration) (variable_declaration)] @outer
(expression_statement [(assignment_expression) (call_expression)]) @outer
[(comment) (decorator)] @lead
(call_expression function: [(identifier) (member_expression)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)
(import_statement source: (string (string_fragment) @file))
(export_statement source: (string (string_fragment) @file))
(import_statement (import_clause (identifier) @import) source: (string (string_fragment) @receiver))
(import_statement (import_clause (named_imports (import_specifier name: (_) @import)))
  source: (string (string_fragment) @receiver))
((call_expression function: (identifier) @_require arguments: (arguments . (string (string_fragment) @file)))
  (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments . (string (string_fragment) @file)))
"""

_JAVASCRIPT = """
(class_declaration name: (_) @name) @class
(class_heritage (_) @base)
(field_definition property: (_) @name value: [(arrow_function) (function_expression)] @inner) @function
(field_definition property: (_) @name) @variable
"""

_TYPESCRIPT = """
(class_declaration name: (_) @name) @class
(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(type_alias_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(internal_module name: (_) @name) @module
(module name: (_) @name) @module
[(ambient_declaration) (expression_statement (internal_module))] @outer
(extends_clause value: (_) @base)
(implements_clause (_) @base)
(extends_type_clause type: (_) @base)
(public_field_definition name: (_) @name value: [(arrow_function) (function_expression)] @inner) @function
(public_field_definition name: (_) @name) @variable
[(function_signature name: (_) @name) (method_signature name: (_) @name)
 (abstract_method_signature name: (_) @name)] @declaration
(import_require_clause source: (string (string_fragment) @file))
"""

_GO = """
(function_declaration name: (_) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: [
  (type_identifier) @owner
  (generic_type type: (type_identifier) @owner)
  (pointer_type [(type_identifier) @owner (generic_type type: (type_identifier) @owner)])]))
  name: (_) @name) @function
(type_spec name: (_) @name) @class
(type_alias name: (_) @name) @class
(method_elem name: (_) @name) @declaration
(type_declaration) @outer
(source_file (const_declaration (const_spec (identifier) @name) @variable))
(source_file (var_declaration [(var_spec name: (identifier) @name) @variable
  (var_spec_list (var_spec name: (identifier) @name) @variable)]))
(comment) @lead
(struct_type (field_declaration_list (field_declaration !name type: [(type_identifier) (qualified_type)] @base)))
(interface_type (type_elem . [(type_identifier) (qualified_type)] @base .))
(call_expression function: [(identifier) (selector_expression)] @call)
(call_expression function: (index_expression operand: (_) @call))
(import_spec path: (_ (interpreted_string_literal_content) @file))
"""

_RUST = """
(function_item name: (_) @name) @function
[(struct_item name: (_) @name) (enum_item name: (_) @name) (union_item name: (_) @name) (trait_item name: (_) @name)
 (type_item name: (_) @name)] @class
(impl_item type: [(type_identifier) @name (primitive_type) @name
  (generic_type type: [(type_identifier) (scoped_type_identifier)] @name) (scoped_type_identifier) @name
  (reference_type type: (_) @name)]) @scope
(mod_item name: (_) @name body: (_)) @module
(macro_definition name: (_) @name) @function
(function_signature_item name: (_) @name) @declaration
[(const_item name: (_) @name) (static_item name: (_) @name)] @variable
[(line_comment) (block_comment) (attribute_item)] @lead
(impl_item trait: [(type_identifier) @base (scoped_type_identifier) @base (generic_type type: (_) @base)])
(trait_item bounds: (trait_bounds [(type_identifier) (scoped_type_identifier)] @base))
(trait_item bounds: (trait_bounds (generic_type type: (_) @base)))
(call_expression function: [(identifier) (field_expression) (scoped_identifier)] @call)
(call_expression function: (generic_function function: (_) @call))
(macro_invocation macro: (_) @call)
(use_declaration argument: [(scoped_identifier) (identifier)] @import)
(use_declaration argument: (use_as_clause path: (_) @import))
(scoped_use_list path: (_) @receiver list: (use_list (use_as_clause path: (_) @import)))
(scoped_use_list path: (_) @receiver list: (use_list [(identifier) (scoped_identifier)] @import))
(use_wildcard (_) @import)
"""

_JAVA = """
[(class_declaration name: (_) @name) (interface_declaration name: (_) @name) (enum_declaration name: (_) @name)
 (record_declaration name: (_) @name) (annotation_type_declaration name: (_) @name)] @class
(method_declaration name: (_) @name body: (_)) @function
(method_declaration name: (_) @name !body) @declaration
[(constructor_declaration name: (_) @name) (compact_constructor_declaration name: (_) @name)] @function
(field_declaration declarator: (variable_declarator name: (_) @name)) @variable
(constant_declaration declarator: (variable_declarator name: (_) @name)) @variable
(enum_constant name: (_) @name) @variable
[(line_comment) (block_comment)] @lead
(superclass (_) @base)
(super_interfaces (type_list (_) @base))
(extends_interfaces (type_list (_) @base))
(method_invocation object: (_)? @receiver name: (_) @call)
(object_creation_expression type: (_) @call)
(import_declaration (scoped_identifier) @import)
"""

_C = """
(function_definition declarator: (_) @name) @function
(struct_specifier name: (_) @name body: (_)) @class
(union_specifier name: (_) @name body: (_)) @class
(enum_specifier name: (_) @name body: (_)) @class
(type_definition declarator: (type_identifier) @name) @class
(preproc_function_def name: (_) @name) @function
(preproc_def name: (_) @name) @variable
(declaration declarator: [(function_declarator) @name (pointer_declarator (function_declarator) @name)]) @declaration
(translation_unit (declaration declarator: (init_declarator) @name) @variable)
(comment) @lead
(call_expression function: [(identifier) (field_expression)] @call)
(preproc_include path: [(system_lib_string) (string_literal)] @file)
"""

_CPP = (
    _C
    + """
(class_specifier name: (_) @name body: (_)) @class
(namespace_definition name: (_) @name) @module
(alias_declaration name: (_) @name) @class
(concept_definition name: (_) @name) @class
(field_declaration declarator: [(function_declarator) @name (pointer_declarator (function_declarator) @name)
  (reference_declarator (function_declarator) @name)]) @declaration
(template_declaration) @outer
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)
(call_expression function: [(qualified_identifier) (template_function)] @call)
(new_expression type: (_) @call)
"""
)

_C_SHARP = """
[(class_declaration name: (_) @name) (interface_declaration name: (_) @name) (struct_declaration name: (_) @name)
 (enum_declaration name: (_) @name) (record_declaration name: (_) @name) (delegate_declaration name: (_) @name)] @class
(namespace_declaration name: (_) @name) @module
(method_declaration name: (_) @name body: (_)) @function
(method_declaration name: (_) @name !body) @declaration
[(constructor_declaration name: (_) @name) (local_function_statement name: (_) @name)] @function
(destructor_declaration "~" . name: (_) @name) @function
(operator_declaration operator: _ @name) @function
(property_declaration name: (_) @name) @variable
(field_declaration (variable_declaration (variable_declarator name: (_) @name))) @variable
(enum_member_declaration name: (_) @name) @variable
(comment) @lead
(base_list [(identifier) (qualified_name) (generic_name)] @base)
(base_list (primary_constructor_base_type type: (_) @base))
(invocation_expression function: [(identifier) (member_access_expression) (generic_name)] @call)
(object_creation_expression type: (_) @call)
(using_directive [(identifier) (qualified_name)] @import)
"""

_RUBY = """
(class name: (_) @name) @class
(module name: (_) @name) @module
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(assignment left: (constant) @name) @variable
(call arguments: (argument_list . [(method) (singleton_method)] .)) @outer
(comment) @lead
(superclass [(constant) (scope_resolution)] @base)
((call !receiver method: (identifier) @_mixin arguments: (argument_list [(constant) (scope_resolution)] @base))
  (#any-of? @_mixin "include" "extend" "prepend"))
((call !receiver method: (identifier) @_require arguments: (argument_list . (string (string_content) @file)))
  (#any-of? @_require "require" "require_relative" "load"))
(call receiver: (_)? @receiver method: [(identifier) (constant)] @call)
"""

_PHP = """
[(class_declaration name: (_) @name) (interface_declaration name: (_) @name) (trait_declaration name: (_) @name)
 (enum_declaration name: (_) @name)] @class
(namespace_definition name: (_) @name body: (_)) @module
(function_definition name: (_) @name) @function
(method_declaration name: (_) @name body: (_)) @function
(method_declaration name: (_) @name !body) @declaration
(const_declaration (const_element . (name) @name)) @variable
(property_declaration (property_element name: (variable_name (name) @name))) @variable
(enum_case name: (_) @name) @variable
(comment) @lead
(base_clause [(name) (qualified_name)] @base)
(class_interface_clause [(name) (qualified_name)] @base)
(declaration_list (use_declaration [(name) (qualified_name)] @base))
(function_call_expression function: [(name) (qualified_name)] @call)
(member_call_expression object: (_) @receiver name: (name) @call)
(nullsafe_member_call_expression object: (_) @receiver name: (name) @call)
(scoped_call_expression scope: (_) @receiver name: (name) @call)
(object_creation_expression [(name) (qualified_name)] @call)
(namespace_use_declaration (namespace_use_clause . [(name) (qualified_name)] @import))
(namespace_use_declaration (namespace_name) @receiver
  body: (namespace_use_group (namespace_use_clause . [(name) (qualified_name)] @import)))
[(require_expression (string (string_content) @file)) (require_once_expression (string (string_content) @file))
 (include_expression (string (string_content) @file)) (include_once_expression (string (string_content) @file))]
"""

_KOTLIN = """
[(class_declaration name: (_) @name) (object_declaration name: (_) @name)] @class
(function_declaration name: (_) @name (function_body)) @function
(function_declaration name: (_) @name) @declaration
(secondary_constructor "constructor" @name) @function
(type_alias type: (identifier) @name) @class
(source_file (property_declaration (variable_declaration . (identifier) @name)) @variable)
(class_body (property_declaration (variable_declaration . (identifier) @name)) @variable)
(enum_entry (identifier) @name) @variable
[(line_comment) (block_comment)] @lead
(delegation_specifier [(user_type) @base (constructor_invocation (user_type) @base)])
(call_expression . [(identifier) (navigation_expression)] @call)
(import (qualified_identifier) @import)
"""

_SWIFT = """
(class_declaration name: (type_identifier) @name) @class
(class_declaration name: (user_type) @name) @scope
(protocol_declaration name: (_) @name) @class
(typealias_declaration name: (type_identifier) @name) @class
(function_declaration name: (simple_identifier) @name) @function
(init_declaration "init" @name) @function
(deinit_declaration "deinit" @name) @function
(subscript_declaration "subscript" @name) @function
(protocol_function_declaration name: (simple_identifier) @name) @declaration
(source_file (property_declaration name: (pattern (simple_identifier) @name)) @variable)
(class_body (property_declaration name: (pattern (simple_identifier) @name)) @variable)
(protocol_property_declaration name: (pattern (simple_identifier) @name)) @variable
(enum_entry name: (simple_identifier) @name) @variable
[(comment) (multiline_comment)] @lead
(inheritance_specifier inherits_from: (_) @base)
(call_expression . [(simple_identifier) (navigation_expression)] @call)
(import_declaration (identifier) @import)
"""

_SCALA = """
[(class_definition name: (_) @name) (trait_definition name: (_) @name) (object_definition name: (_) @name)
 (enum_definition name: (_) @name) (type_definition name: (_) @name) (given_definition name: (_) @name)] @class
(function_definition name: (_) @name) @function
(function_declaration name: (_) @name) @declaration
(template_body [(val_definition pattern: (identifier) @name) (var_definition pattern: (identifier) @name)] @variable)
(compilation_unit [(val_definition pattern: (identifier) @name) (var_definition pattern: (identifier) @name)] @variable)
[(comment) (block_comment)] @lead
(extends_clause [(type_identifier) (generic_type) (stable_type_identifier)] @base)
(call_expression function: [(identifier) (field_expression) (generic_function)] @call)
(instance_expression (type_identifier) @call)
(import_declaration) @import
(namespace_selectors [(identifier) @import (arrow_renamed_identifier name: (_) @import)])
"""

_LUA = """
(function_declaration name: (_) @name) @function
(assignment_statement (variable_list . name: (_) @name)
  (expression_list . value: (function_definition) @inner)) @function
(field name: (identifier) @name value: (function_definition) @inner) @function
(chunk (variable_declaration (assignment_statement (variable_list . name: (_) @name) (expression_list)) @variable))
(chunk (assignment_statement (variable_list . name: (_) @name)) @variable)
(variable_declaration) @outer
(comment) @lead
(function_call name: [(identifier) (dot_index_expression) (method_index_expression)] @call)
((function_call name: (identifier) @_require arguments: (arguments (string (string_content) @import)))
  (#eq? @_require "require"))
"""

_BASH = """
(function_definition name: (_) @name) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name) @variable))
(comment) @lead
(command name: (command_name (word) @call))
((command name: (command_name) @_source argument: (_) @file) (#any-of? @_source "source" "."))
"""

_SQL = """
(create_table (object_reference) @name) @class
(create_view (object_reference) @name) @class
(create_materialized_view (object_reference) @name) @class
(create_type (object_reference) @name) @class
(create_function (object_reference) @name) @function
(create_trigger (keyword_trigger) . (object_reference) @name) @function
(statement) @outer
[(comment) (marginalia)] @lead
"""

_TOML = """
(table . (_) @name) @section
(table_array_element . (_) @name) @section
(document (pair . (_) @name) @variable)
(comment) @lead
"""

_YAML = """
(document (block_node (block_mapping (block_mapping_pair key: (_) @name) @section)))
(document (block_node (block_mapping (block_mapping_pair
  value: (block_node (block_mapping (block_mapping_pair key: (_) @name) @section))))))
(comment) @lead
"""

_JSON = """
(document (object (pair key: (string (string_content) @name)) @section))
"""

_CSS = """
(rule_set (selectors) @name) @section
(keyframes_statement (keyframes_name) @name) @section
(media_statement . (_) @name) @section
(comment) @lead
"""

_HTML = """
((element (start_tag (attribute (attribute_name) @_id (quoted_attribute_value (attribute_value) @name)))) @section
  (#eq? @_id "id"))
(comment) @lead
"""

QUERIES: dict[str, str] = {
    "bash": _BASH,
    "c": _C,
    "c-sharp": _C_SHARP,
    "cpp": _CPP,
    "css": _CSS,
    "go": _GO,
    "html": _HTML,
    "java": _JAVA,
    "javascript": _ECMASCRIPT + _JAVASCRIPT,
    "json": _JSON,
    "kotlin": _KOTLIN,
    "lua": _LUA,
    "php": _PHP,
    "python": _PYTHON,
    "ruby": _RUBY,
    "rust": _RUST,
    "scala": _SCALA,
    "sql": _SQL,
    "swift": _SWIFT,
    "toml": _TOML,
    "tsx": _ECMASCRIPT + _TYPESCRIPT,
    "typescript": _ECMASCRIPT + _TYPESCRIPT,
    "yaml": _YAML,
}
