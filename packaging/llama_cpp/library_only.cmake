# Included by llama.cpp's own project() call (CMAKE_PROJECT_<name>_INCLUDE). llama-cpp-python forces the
# "common" library on, which only the command-line tools and the server of llama.cpp use; Sidetune calls
# libllama alone. A normal variable hides the forced cache entry.
set(LLAMA_BUILD_COMMON OFF)
