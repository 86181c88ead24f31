#!/usr/bin/env bash
#
# veneer Bash Completion
# =======================
#
# Bash completion support for the `veneer` command,
#
# Installation
# ------------
#
# 1. Source all completion scripts in your .bash_profile
#
#   cd $YOUR_APP_HOME/bin
#   for f in $(find . -name "*_completion"); do line=". $(pwd)/$f"; grep "$line" ~/.bash_profile || echo "$line" >> ~/.bash_profile; done
#
# 2. Open a new bash console, and type `veneer [TAB][TAB]`
#
# 1a. Alternatively, if you have [bash-completion](https://github.com/scop/bash-completion) installed:
#     Place this file in a `bash-completion.d` folder:
#
#   * /etc/bash-completion.d
#   * /usr/local/etc/bash-completion.d
#   * ~/bash-completion.d
#
# Documentation
# -------------
# The script is called by bash whenever [TAB] or [TAB][TAB] is pressed after
# 'veneer (..)'. By reading entered command line parameters,
# it determines possible bash completions and writes them to the COMPREPLY variable.
# Bash then completes the user input if only one entry is listed in the variable or
# shows the options if more than one is listed in COMPREPLY.
#
# References
# ----------
# [1] http://stackoverflow.com/a/12495480/1440785
# [2] http://tiswww.case.edu/php/chet/bash/FAQ
# [3] https://www.gnu.org/software/bash/manual/html_node/The-Shopt-Builtin.html
# [4] http://zsh.sourceforge.net/Doc/Release/Options.html#index-COMPLETE_005fALIASES
# [5] https://stackoverflow.com/questions/17042057/bash-check-element-in-array-for-elements-in-another-array/17042655#17042655
# [6] https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html#Programmable-Completion
# [7] https://stackoverflow.com/questions/3249432/can-a-bash-tab-completion-script-be-used-in-zsh/27853970#27853970
#

if [ -n "$BASH_VERSION" ]; then
  # Enable programmable completion facilities when using bash (see [3])
  shopt -s progcomp
elif [ -n "$ZSH_VERSION" ]; then
  # Make alias a distinct command for completion purposes when using zsh (see [4])
  setopt COMPLETE_ALIASES
  alias compopt=complete

  # Enable bash completion in zsh (see [7])
  # Only initialize completions module once to avoid unregistering existing completions.
  if ! type compdef > /dev/null; then
    autoload -U +X compinit && compinit
  fi
  autoload -U +X bashcompinit && bashcompinit
fi

# CompWordsContainsArray takes an array and then checks
# if all elements of this array are in the global COMP_WORDS array.
#
# Returns zero (no error) if all elements of the array are in the COMP_WORDS array,
# otherwise returns 1 (error).
function CompWordsContainsArray() {
  declare -a localArray
  localArray=("$@")
  local findme
  for findme in "${localArray[@]}"; do
    if ElementNotInCompWords "$findme"; then return 1; fi
  done
  return 0
}
function ElementNotInCompWords() {
  local findme="$1"
  local element
  for element in "${COMP_WORDS[@]}"; do
    if [[ "$findme" = "$element" ]]; then return 1; fi
  done
  return 0
}

# The `currentPositionalIndex` function calculates the index of the current positional parameter.
#
# currentPositionalIndex takes three parameters:
# the command name,
# a space-separated string with the names of options that take a parameter, and
# a space-separated string with the names of boolean options (that don't take any params).
# When done, this function echos the current positional index to std_out.
#
# Example usage:
# local currIndex=$(currentPositionalIndex "mysubcommand" "$ARG_OPTS" "$FLAG_OPTS")
function currentPositionalIndex() {
  local commandName="$1"
  local optionsWithArgs="$2"
  local booleanOptions="$3"
  local previousWord
  local result=0

  for i in $(seq $((COMP_CWORD - 1)) -1 0); do
    previousWord=${COMP_WORDS[i]}
    if [ "${previousWord}" = "$commandName" ]; then
      break
    fi
    if [[ "${optionsWithArgs}" =~ ${previousWord} ]]; then
      ((result-=2)) # Arg option and its value not counted as positional param
    elif [[ "${booleanOptions}" =~ ${previousWord} ]]; then
      ((result-=1)) # Flag option itself not counted as positional param
    fi
    ((result++))
  done
  echo "$result"
}

# compReplyArray generates a list of completion suggestions based on an array, ensuring all values are properly escaped.
#
# compReplyArray takes a single parameter: the array of options to be displayed
#
# The output is echoed to std_out, one option per line.
#
# Example usage:
# local options=("foo", "bar", "baz")
# local IFS=$'\n'
# COMPREPLY=($(compReplyArray "${options[@]}"))
function compReplyArray() {
  declare -a options
  options=("$@")
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local i
  local quoted
  local optionList=()

  for (( i=0; i<${#options[@]}; i++ )); do
    # Double escape, since we want escaped values, but compgen -W expands the argument
    printf -v quoted %q "${options[i]}"
    quoted=\'${quoted//\'/\'\\\'\'}\'

    optionList[i]=$quoted
  done

  # We also have to add another round of escaping to $curr_word.
  curr_word=${curr_word//\\/\\\\}
  curr_word=${curr_word//\'/\\\'}

  # Actually generate completions.
  local IFS=$'\n'
  echo -e "$(compgen -W "${optionList[*]}" -- "$curr_word")"
}

# Bash completion entry point function.
# _complete_veneer finds which commands and subcommands have been specified
# on the command line and delegates to the appropriate function
# to generate possible options and subcommands for the last specified subcommand.
function _complete_veneer() {
  # Edge case: if command line has no space after subcommand, then don't assume this subcommand is selected (remkop/picocli#1468).
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} plan" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} apply" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} agent" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} get" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} describe" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} diff" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} compact" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} rebase" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} rules" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} export" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} rollback" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} exec" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} console" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} logs" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} doctor" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} store" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} gc" ];    then _picocli_veneer; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} store check" ];    then _picocli_veneer_store; return $?; fi
  if [ "${COMP_LINE}" = "${COMP_WORDS[0]} store rebuild-index" ];    then _picocli_veneer_store; return $?; fi

  # Find the longest sequence of subcommands and call the bash function for that subcommand.
  local cmds0=(plan)
  local cmds1=(apply)
  local cmds2=(agent)
  local cmds3=(get)
  local cmds4=(describe)
  local cmds5=(diff)
  local cmds6=(compact)
  local cmds7=(rebase)
  local cmds8=(rules)
  local cmds9=(export)
  local cmds10=(rollback)
  local cmds11=(exec)
  local cmds12=(console)
  local cmds13=(logs)
  local cmds14=(doctor)
  local cmds15=(store)
  local cmds16=(gc)
  local cmds17=(store check)
  local cmds18=(store rebuild-index)

  if CompWordsContainsArray "${cmds18[@]}"; then _picocli_veneer_store_rebuildindex; return $?; fi
  if CompWordsContainsArray "${cmds17[@]}"; then _picocli_veneer_store_check; return $?; fi
  if CompWordsContainsArray "${cmds16[@]}"; then _picocli_veneer_gc; return $?; fi
  if CompWordsContainsArray "${cmds15[@]}"; then _picocli_veneer_store; return $?; fi
  if CompWordsContainsArray "${cmds14[@]}"; then _picocli_veneer_doctor; return $?; fi
  if CompWordsContainsArray "${cmds13[@]}"; then _picocli_veneer_logs; return $?; fi
  if CompWordsContainsArray "${cmds12[@]}"; then _picocli_veneer_console; return $?; fi
  if CompWordsContainsArray "${cmds11[@]}"; then _picocli_veneer_exec; return $?; fi
  if CompWordsContainsArray "${cmds10[@]}"; then _picocli_veneer_rollback; return $?; fi
  if CompWordsContainsArray "${cmds9[@]}"; then _picocli_veneer_export; return $?; fi
  if CompWordsContainsArray "${cmds8[@]}"; then _picocli_veneer_rules; return $?; fi
  if CompWordsContainsArray "${cmds7[@]}"; then _picocli_veneer_rebase; return $?; fi
  if CompWordsContainsArray "${cmds6[@]}"; then _picocli_veneer_compact; return $?; fi
  if CompWordsContainsArray "${cmds5[@]}"; then _picocli_veneer_diff; return $?; fi
  if CompWordsContainsArray "${cmds4[@]}"; then _picocli_veneer_describe; return $?; fi
  if CompWordsContainsArray "${cmds3[@]}"; then _picocli_veneer_get; return $?; fi
  if CompWordsContainsArray "${cmds2[@]}"; then _picocli_veneer_agent; return $?; fi
  if CompWordsContainsArray "${cmds1[@]}"; then _picocli_veneer_apply; return $?; fi
  if CompWordsContainsArray "${cmds0[@]}"; then _picocli_veneer_plan; return $?; fi

  # No subcommands were specified; generate completions for the top-level command.
  _picocli_veneer; return $?;
}

# Generates completions for the options and subcommands of the `veneer` command.
function _picocli_veneer() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}

  local commands="plan apply agent get describe diff compact rebase rules export rollback exec console logs doctor store gc"
  local flag_opts="'--debug' '-h' '--help' '-V' '--version'"
  local arg_opts=""

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `plan` subcommand.
function _picocli_veneer_plan() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--prune' '--allow-shrink' '--take-over' '--exit-code' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '--secrets' '-f' '--filename' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--secrets')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-f'|'--filename')
      return
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `apply` subcommand.
function _picocli_veneer_apply() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--prune' '--allow-shrink' '--take-over' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '--secrets' '-f' '--filename' '--log-format' '--log-level'"
  local FORMAT_option_args=("TEXT" "JSON") # --log-format values
  local LEVEL_option_args=("ERROR" "WARN" "INFO" "DEBUG" "TRACE") # --log-level values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--secrets')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-f'|'--filename')
      return
      ;;
    '--log-format')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
    '--log-level')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${LEVEL_option_args[@]}" ) )
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `agent` subcommand.
function _picocli_veneer_agent() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--prune' '--allow-shrink' '--take-over' '--kubernetes' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '--secrets' '-f' '--filename' '--log-format' '--log-level' '--resync' '--metrics-address' '--metrics-token-file' '--metrics-tls-cert' '--metrics-tls-key' '--health-address' '--kubeconfig' '--node-name' '--system-namespace'"
  local FORMAT_option_args=("TEXT" "JSON") # --log-format values
  local LEVEL_option_args=("ERROR" "WARN" "INFO" "DEBUG" "TRACE") # --log-level values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--secrets')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-f'|'--filename')
      return
      ;;
    '--log-format')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
    '--log-level')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${LEVEL_option_args[@]}" ) )
      return $?
      ;;
    '--resync')
      return
      ;;
    '--metrics-address')
      return
      ;;
    '--metrics-token-file')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--metrics-tls-cert')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--metrics-tls-key')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--health-address')
      return
      ;;
    '--kubeconfig')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--node-name')
      return
      ;;
    '--system-namespace')
      return
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `get` subcommand.
function _picocli_veneer_get() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-A' '--all-namespaces' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '-o' '--output'"
  local FORMAT_option_args=("TABLE" "WIDE" "JSON" "YAML" "NAME") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac
  local KIND_pos_param_args=("slivers" "baseimages" "nodestores") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "get" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `describe` subcommand.
function _picocli_veneer_describe() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
  esac
  local KIND_pos_param_args=("slivers" "baseimages" "nodestores") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "describe" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `diff` subcommand.
function _picocli_veneer_diff() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac
  local KIND_pos_param_args=("SLIVER" "BASE_IMAGE" "NODE_STORE") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "diff" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `compact` subcommand.
function _picocli_veneer_compact() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--dry-run' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac
  local KIND_pos_param_args=("SLIVER" "BASE_IMAGE" "NODE_STORE") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "compact" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `rebase` subcommand.
function _picocli_veneer_rebase() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--dry-run' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '--to' '--on-conflict' '-o' '--output'"
  local CHOICE_option_args=("Fail" "KeepSliver" "TakeBase") # --on-conflict values
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '--to')
      return
      ;;
    '--on-conflict')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${CHOICE_option_args[@]}" ) )
      return $?
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac
  local KIND_pos_param_args=("SLIVER" "BASE_IMAGE" "NODE_STORE") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "rebase" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `rules` subcommand.
function _picocli_veneer_rules() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `export` subcommand.
function _picocli_veneer_export() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '--to' '--format' '-o' '--output'"
  local FORMAT_option_args=("IMAGE" "LAYER") # --format values
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '--to')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '--format')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac
  local KIND_pos_param_args=("SLIVER" "BASE_IMAGE" "NODE_STORE") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "export" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `rollback` subcommand.
function _picocli_veneer_rollback() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '--to'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '--to')
      return
      ;;
  esac
  local KIND_pos_param_args=("SLIVER" "BASE_IMAGE" "NODE_STORE") # 0-0 values

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local currIndex
    currIndex=$(currentPositionalIndex "rollback" "${arg_opts}" "${flag_opts}")
    if (( currIndex >= 0 && currIndex <= 0 )); then
      positionals=$( compReplyArray "${KIND_pos_param_args[@]}" )
    fi
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `exec` subcommand.
function _picocli_veneer_exec() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `console` subcommand.
function _picocli_veneer_console() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `logs` subcommand.
function _picocli_veneer_logs() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-f' '--follow' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-n' '--namespace' '--tail'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-n'|'--namespace')
      return
      ;;
    '--tail')
      return
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `doctor` subcommand.
function _picocli_veneer_doctor() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `store` subcommand.
function _picocli_veneer_store() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}

  local commands="check rebuild-index"
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts=""

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `gc` subcommand.
function _picocli_veneer_gc() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--dry-run' '--orphans' '--all' '--confirm' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `check` subcommand.
function _picocli_veneer_store_check() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'--contents' '--repair' '-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store' '-o' '--output'"
  local FORMAT_option_args=("TEXT" "JSON") # --output values

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
    '-o'|'--output')
      local IFS=$'\n'
      COMPREPLY=( $( compReplyArray "${FORMAT_option_args[@]}" ) )
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Generates completions for the options and subcommands of the `rebuild-index` subcommand.
function _picocli_veneer_store_rebuildindex() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-V' '--version' '--debug'"
  local arg_opts="'--store'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--store')
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $( compgen -f -- "${curr_word}" ) ) # files
      return $?
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Define a completion specification (a compspec) for the
# `veneer`, `veneer.sh`, and `veneer.bash` commands.
# Uses the bash `complete` builtin (see [6]) to specify that shell function
# `_complete_veneer` is responsible for generating possible completions for the
# current word on the command line.
# The `-o default` option means that if the function generated no matches, the
# default Bash completions and the Readline default filename completions are performed.
complete -F _complete_veneer -o default veneer veneer.sh veneer.bash
