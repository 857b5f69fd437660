%% Runs supervision trees under OTP's own supervisors: reads one term a step from stdin, writes what happened, a line
%% each, and a line with a dot. Started with one scheduler, so that all that ends is seen in its order.
%%
%% Trees: {w, Id, Restart, Shutdown, Significant, Deaf} or {s, Id, Restart, Significant, Flags, Children}. Nothing
%% waits for time to pass: a second of a schedule is 1000 s of OTP's clock, by which the restarts that a supervisor
%% remembers are made older, so that the real seconds that a run takes do not matter.
-module(supervisor_oracle).
-behaviour(supervisor).
-export([main/0, init/1, start_worker/2, start_supervisor/1, worker/2, collect/0]).

-define(SCALE, 1000).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    register(collector, spawn_link(fun collect/0)),
    put(restarts, find_restarts()),
    read().

read() ->
    case io:read('') of
        {ok, Step} ->
            Lines = ask(drain_after(Step)),
            io:put_chars([[L, $\n] || L <- Lines] ++ ".\n"),
            read();
        eof -> halt(0)
    end.

drain_after(Step) ->
    Reply = do(Step),
    Snapshot = settle(none),
    {drain, Reply ++ Snapshot}.

%% Steps.

do({start, Tree, Fails}) ->
    ask(reset),
    [ask({fails, Id, Times}) || {Id, Times} <- Fails],
    case start_supervisor(Tree) of
        {ok, Pid} -> put(root, Pid), ["root ok"];
        {error, _} -> put(root, none), ["root failed"]
    end;
do(stop) ->
    case get(root) of
        none -> ok;
        Pid -> end_it(Pid, fun() -> exit(Pid, shutdown) end)
    end,
    [];
do({exits, Id, How}) ->
    case ask({pid, Id}) of
        none -> ["nobody"];
        Pid when How =:= killed -> end_it(Pid, fun() -> exit(Pid, kill) end), [];
        Pid -> end_it(Pid, fun() -> Pid ! {exits, How} end), []
    end;
do({fails, Id, Times}) -> ask({fails, Id, Times}), [];
do({clock, Seconds}) ->
    Place = get(restarts),
    [sys:replace_state(Pid, fun(S) -> older(Place, S, Seconds * ?SCALE) end) || Pid <- supervisors(get(root))],
    [];
do({start_child, Sup, Tree}) -> call(Sup, fun(S) -> supervisor:start_child(S, spec(Tree)) end);
do({start_dynamic, Sup, Name}) -> call(Sup, fun(S) -> supervisor:start_child(S, [Name]) end);
do({terminate_dynamic, Sup, Name}) ->
    call(Sup, fun(S) -> supervisor:terminate_child(S, pid_or_stranger(ask({pid, Name}))) end);
do({terminate_child, Sup, Id}) -> call(Sup, fun(S) -> supervisor:terminate_child(S, Id) end);
do({restart_child, Sup, Id}) -> call(Sup, fun(S) -> supervisor:restart_child(S, Id) end);
do({delete_child, Sup, Id}) -> call(Sup, fun(S) -> supervisor:delete_child(S, Id) end).

end_it(Pid, How) ->
    Monitor = monitor(process, Pid),
    How(),
    receive {'DOWN', Monitor, _, _, _} -> ok end.

call(Sup, What) ->
    case ask({pid, Sup}) of
        none -> ["no supervisor"];
        Pid -> ["reply " ++ answer(What(Pid))]
    end.

answer(ok) -> "ok";
answer({ok, _}) -> "ok";
answer({error, {already_started, _}}) -> "already_started";
answer({error, {bad_combination, _}}) -> "invalid";
answer({error, simple_one_for_one}) -> "not_dynamic";
answer({error, Why}) when Why =:= already_present; Why =:= running; Why =:= restarting; Why =:= not_found ->
    atom_to_list(Why);
answer({error, _}) -> "failed".

%% A process that is no child and lives: of one that does not live OTP says that it is terminated.
pid_or_stranger(none) -> self();
pid_or_stranger(Pid) -> Pid.

%% What is there, asked for until it is the same twice and nothing is restarting.

settle(Before) ->
    receive {'EXIT', _, _} -> ok after 0 -> ok end,
    Root = get(root),
    is_pid(Root) andalso not is_process_alive(Root) andalso put(root, none),
    Now = {snapshot(get(root), "root"), ask(length)},
    case Now of
        Before -> element(1, Now);
        _ -> settle(Now)
    end.

snapshot(none, Id) -> [Id ++ " is gone"];
snapshot(Pid, Id) ->
    try {lists:reverse(supervisor:which_children(Pid)), supervisor:count_children(Pid)} of
        {Children, Counts} ->
            Shown = [shown(C) || C <- Children],
            Ordered = case Children of [{undefined, _, _, _} | _] -> lists:sort(Shown); _ -> Shown end,
            [Id ++ ":" ++ lists:append(Ordered) ++ " |" ++ lists:append([count(C) || C <- tl(Counts)])] ++
                lists:append([snapshot(P, atom_to_list(I)) || {I, P, supervisor, _} <- Children, is_pid(P)])
    catch exit:_ -> [ref_to_list(make_ref())]  % it is about to end: look again
    end.

shown({undefined, Pid, _, _}) -> " " ++ atom_to_list(ask({id, Pid})) ++ "+";
shown({Id, undefined, _, _}) -> " " ++ atom_to_list(Id) ++ "-";
shown({Id, restarting, _, _}) -> " " ++ atom_to_list(Id) ++ ref_to_list(make_ref());
shown({Id, _, _, _}) -> " " ++ atom_to_list(Id) ++ "+".

count({_, N}) -> " " ++ integer_to_list(N).

supervisors(none) -> [];
supervisors(Pid) -> [Pid | lists:append([supervisors(P) || {_, P, supervisor, _} <- supervisor:which_children(Pid), is_pid(P)])].

%% Where a supervisor keeps its restarts, found by looking for a field that becomes a list of one number.

find_restarts() ->
    ask(reset),
    {ok, Pid} = start_supervisor({s, root, permanent, false, {one_for_one, 3, 5, never}, [{w, w, permanent, 5000, false, false}]}),
    do({exits, w, crash}),
    put(root, Pid),
    settle(none),
    Fields = tuple_to_list(sys:get_state(Pid)),
    [Place] = [I || {I, [N]} <- lists:zip(lists:seq(1, length(Fields)), Fields), is_integer(N)],
    end_it(Pid, fun() -> exit(Pid, shutdown) end),
    put(root, none),
    Place.

older(Place, State, Seconds) ->
    setelement(Place, State, [T - Seconds || T <- element(Place, State)]).

%% Supervisors and workers.

init({s, Id, _, _, {Strategy, Restarts, Period, Auto}, Children}) ->
    ask({up, Id, self()}),
    Flags = #{strategy => Strategy, intensity => Restarts, period => Period * ?SCALE + ?SCALE div 2, auto_shutdown => Auto},
    {ok, {Flags, [spec(C) || C <- Children]}}.

spec({w, template, Restart, Shutdown, Significant, _}) ->
    (spec({w, undefined, Restart, Shutdown, Significant, false}))#{start => {?MODULE, start_worker, [false]}};
spec({w, Id, Restart, Shutdown, Significant, Deaf}) ->
    #{id => Id, start => {?MODULE, start_worker, [Deaf, Id]}, restart => Restart, shutdown => Shutdown,
      significant => Significant, type => worker};
spec({s, Id, Restart, Significant, _, _} = Tree) ->
    #{id => Id, start => {?MODULE, start_supervisor, [Tree]}, restart => Restart, shutdown => infinity,
      significant => Significant, type => supervisor}.

start_supervisor({s, Id, _, _, _, _} = Tree) ->
    case supervisor:start_link(?MODULE, Tree) of
        {ok, Pid} -> ask({ready, Id, Pid}), {ok, Pid};
        {error, Why} -> ask({failed, Id}), {error, Why}
    end.

start_worker(Deaf, Id) ->
    case ask({may_start, Id}) of
        true -> proc_lib:start_link(?MODULE, worker, [Deaf, Id]);
        false -> {error, told_to}
    end.

worker(Deaf, Id) ->
    process_flag(trap_exit, true),
    ask({up, Id, self()}),
    ask({ready, Id, self()}),
    proc_lib:init_ack({ok, self()}),
    live(Deaf).

live(Deaf) ->
    receive
        {exits, How} -> exit(How);
        {'EXIT', _, Why} when not Deaf -> exit(Why);
        _ -> live(Deaf)
    end.

%% The one process that sees everything.

ask(What) ->
    Monitor = monitor(process, collector),
    collector ! {self(), Monitor, What},
    receive {Monitor, Answer} -> demonitor(Monitor, [flush]), Answer end.

collect() -> collect([], #{}, #{}, #{}).

%% Lines, last first; pids by id; ids of pids; starts that are to fail, by id.
collect(Lines, Pids, Ids, Fails) ->
    receive
        {'DOWN', _, process, Pid, Why} ->
            Id = maps:get(Pid, Ids),
            Left = case Pids of #{Id := Pid} -> maps:remove(Id, Pids); _ -> Pids end,
            collect([line("down", Id) ++ " " ++ reason(Why) | Lines], Left, Ids, Fails);
        {From, Tag, What} ->
            {Answer, L, P, I, F} = collect(What, Lines, Pids, Ids, Fails),
            From ! {Tag, Answer},
            collect(L, P, I, F)
    end.

collect({up, Id, Pid}, L, P, I, F) -> {ok, [line("up", Id) | L], P#{Id => Pid}, I#{Pid => Id}, F};
collect({ready, _, Pid}, L, P, I, F) -> monitor(process, Pid), {ok, L, P, I, F};
collect({failed, Id}, L, P, I, F) -> {ok, [line("failed", Id) | L], maps:remove(Id, P), I, F};
collect({may_start, Id}, L, P, I, F) ->
    case F of
        #{Id := N} when N > 0 -> {false, [line("fail", Id) | L], P, I, F#{Id := N - 1}};
        _ -> {true, L, P, I, F}
    end;
collect({pid, Id}, L, P, I, F) -> {maps:get(Id, P, none), L, P, I, F};
collect({id, Pid}, L, P, I, F) -> {maps:get(Pid, I), L, P, I, F};
collect({fails, Id, Times}, L, P, I, F) -> {ok, L, P, I, F#{Id => Times}};
collect(length, L, P, I, F) -> {length(L), L, P, I, F};
collect(reset, _, _, _, _) -> {ok, [], #{}, #{}, #{}};
collect({drain, More}, L, P, I, F) -> {lists:reverse(L) ++ More, [], P, I, F}.

line(What, Id) -> What ++ " " ++ atom_to_list(Id).

reason(normal) -> "normal";
reason(shutdown) -> "shutdown";
reason({shutdown, _}) -> "shutdown";
reason(killed) -> "killed";
reason(_) -> "crashed".
