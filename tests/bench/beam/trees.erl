%% Erlang's side of supervision_bench: a supervisor with many children, and ends that are monitored.
%% Run by bench/against: erl -s trees main -extra <case> <size>; prints `name value unit`.
-module(trees).
-behaviour(supervisor).
-export([main/0, init/1, start_child/0, idle/1]).

main() ->
    [Case, Size] = init:get_plain_arguments(),
    run(list_to_atom(Case), list_to_integer(Size)),
    halt(0).

run(tree, N) ->
    process_flag(trap_exit, true),
    Top = timed("sup_tree_start", N, fun() ->
        {ok, Pid} = supervisor:start_link(?MODULE, N),
        Pid
    end),
    timed("sup_tree_stop", N, fun() ->
        exit(Top, shutdown),
        receive {'EXIT', Top, shutdown} -> ok end
    end);
run(monitors, N) ->
    All = [spawn(?MODULE, idle, [{1, 2}]) || _ <- lists:seq(1, N)],
    timed("monitors_set", N, fun() ->
        lists:foreach(fun(Pid) -> monitor(process, Pid) end, All)
    end),
    timed("monitors_fired", N, fun() ->
        lists:foreach(fun(Pid) -> Pid ! stop end, All),
        lists:foreach(fun(_) -> receive {'DOWN', _, process, _, normal} -> ok end end, All)
    end).

timed(Name, N, Work) ->
    Begin = erlang:monotonic_time(microsecond),
    Result = Work(),
    Took = erlang:monotonic_time(microsecond) - Begin,
    io:format("~s ~p 1/s~n", [Name, N * 1.0e6 / Took]),
    Result.

init(N) ->
    Child = {?MODULE, start_child, []},
    {ok, {{one_for_one, 3, 5}, [{I, Child, permanent, 5000, worker, []} || I <- lists:seq(1, N)]}}.

%% With as much state as a child of ours.
start_child() -> {ok, proc_lib:spawn_link(?MODULE, idle, [{1, 2}])}.

idle(State) ->
    receive stop -> State end.
