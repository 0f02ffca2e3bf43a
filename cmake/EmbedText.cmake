# vipdrift_embed_text(OUT_VAR FILE SYMBOL): a generated .cc that holds FILE as `const std::string_view SYMBOL` in
# namespace vipdrift::tools; regenerated when FILE changes. The path of the .cc is stored in OUT_VAR.
function(vipdrift_embed_text out_var file symbol)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cc)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${generated} -DSYMBOL=${symbol}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_text_script.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed_text_script.cmake
    COMMENT "Embedding ${file}"
    VERBATIM)
  set(${out_var} ${generated} PARENT_SCOPE)
endfunction()

# vipdrift_embed_examples(OUT_VAR ROOT): a generated .cc with the configurations that show the rules of `vipdrift check`.
function(vipdrift_embed_examples out_var root)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/rule_examples.cc)
  file(GLOB examples CONFIGURE_DEPENDS ${root}/*/bad/*.conf ${root}/*/good/*.conf)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DROOT=${root} -DOUTPUT=${generated}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_examples_script.cmake
    DEPENDS ${examples} ${PROJECT_SOURCE_DIR}/cmake/embed_examples_script.cmake
    COMMENT "Embedding the examples of ${root}"
    VERBATIM)
  set(${out_var} ${generated} PARENT_SCOPE)
endfunction()
