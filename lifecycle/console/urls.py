"""The staff's addresses: one's own pages at the top, a store's pages under /s/<store>/."""

from django.urls import path

from lifecycle.console import (
    account,
    connections,
    customer,
    customers,
    flow,
    flow_people,
    flows,
    home,
    keys,
    mails,
    offers,
    orders,
    preferences,
    products,
    search,
    todo,
)
from lifecycle.console.start import new_store
from lifecycle.console.start import urls as start

app_name = "console"

S = "s/<slug:store>/"

urlpatterns = [
    path("", account.front),
    path("stores/", account.stores, name="stores"),
    path("stores/new/", new_store.show, name="store_new"),
    path("me/", account.me, name="me"),
    path(S, home.show, name="home"),
    path(S + "search/", search.show, name="search"),
    path(S + "flows/", flows.index, name="flows"),
    path(S + "flows/<slug:key>/", flow.show, name="flow"),
    path(S + "flows/<slug:key>/preview/<slug:step_key>/", flow.preview, name="flow_preview"),
    path(S + "flows/<slug:key>/people/", flow_people.index, name="flow_people"),
    path(S + "flows/<slug:key>/activate/", flows.activate, name="flow_activate"),
    path(S + "flows/<slug:key>/pause/", flows.pause, name="flow_pause"),
    path(S + "flows/<slug:key>/steps/<slug:step_key>/switch/", flows.switch, name="flow_switch"),
    path(S + "customers/", customers.index, name="customers"),
    path(S + "customers/<int:pk>/", customer.show, name="customer"),
    path(S + "customers/<int:pk>/note/", customer.add_note, name="customer_note"),
    path(S + "customers/<int:pk>/withdraw/", customer.withdraw, name="customer_withdraw"),
    path(S + "customers/<int:pk>/next/<slug:verb>/", customer.act_on_all, name="customer_act_on_all"),
    path(S + "customers/<int:pk>/next/<int:run>/<slug:verb>/", customer.act, name="customer_act"),
    path(S + "customers/<int:pk>/mails/<int:message>/", mails.show, name="mail"),
    path(S + "customers/<int:pk>/mails/<int:message>/html/", mails.frame, name="mail_frame"),
    path(S + "messages/", mails.index, name="messages"),
    path(S + "orders/", orders.index, name="orders"),
    path(S + "orders/<int:pk>/", orders.show, name="order"),
    path(S + "tasks/", todo.index, name="tasks"),
    path(S + "tasks/<int:pk>/close/", todo.close, name="task_close"),
    path(S + "tasks/<int:pk>/reopen/", todo.reopen, name="task_reopen"),
    path(S + "products/", products.index, name="products"),
    path(S + "products/<int:pk>/", products.show, name="product"),
    path(S + "products/<int:pk>/pairings/", products.add_pairing, name="pairing_add"),
    path(S + "products/<int:pk>/pairings/<int:pairing>/remove/", products.remove_pairing, name="pairing_remove"),
    path(S + "offers/", offers.index, name="offers"),
    path(S + "offers/<int:pk>/", offers.show, name="offer"),
    path(S + "connections/", connections.index, name="connections"),
    path(S + "connections/inputs/", connections.inputs, name="inputs"),
    path(S + "connections/inputs/retry/", connections.retry_all, name="inputs_retry"),
    path(S + "connections/inputs/<int:pk>/", connections.show_input, name="input"),
    path(S + "connections/inputs/<int:pk>/retry/", connections.retry, name="input_retry"),
    path(S + "keys/", keys.index, name="keys"),
    path(S + "keys/<int:pk>/revoke/", keys.revoke, name="key_revoke"),
    path(S + "settings/", preferences.show, name="settings"),
    *start.urlpatterns,
]
