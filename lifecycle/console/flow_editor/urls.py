"""The addresses under /s/<store>/flows/<key>/ that change a flow."""

from django.urls import path

from lifecycle.console.flow_editor import languages, line, publish, rules, step, tests_mail, wordings

F = "s/<slug:store>/flows/<slug:key>/"

urlpatterns = [
    path(F + "edit/", line.show, name="flow_edit"),
    path(F + "edit/steps/<slug:step_key>/", step.show, name="flow_edit_step"),
    path(F + "edit/steps/<slug:step_key>/test/", tests_mail.act, name="flow_test"),
    path(F + "edit/steps/<slug:step_key>/wordings/", wordings.act, name="flow_wordings"),
    path(F + "edit/steps/<slug:step_key>/languages/", languages.act, name="flow_languages"),
    path(F + "edit/<slug:verb>/", line.act, name="flow_edit_act"),
    path(F + "rules/", rules.show, name="flow_rules"),
    path(F + "publish/", publish.show, name="flow_publish"),
    path(F + "publish/undo/", publish.undo, name="flow_undo"),
    path(F + "history/", publish.history, name="flow_history"),
    path(F + "history/<int:number>/restore/", publish.restore, name="flow_restore"),
]
